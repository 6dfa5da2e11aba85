/** A gRPC channel to one node: one call, once, with a deadline. Whether and where to try again is the caller's business (caller.ts). */
import type { Buffer } from 'node:buffer';
import { type ChannelOptions, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { ShoalError } from '../base/errors.ts';
import type { Protos } from '../wire/protos.ts';
import { DETAILS_HEADER, fromStatus, PUSHBACK_HEADER } from '../wire/status.ts';
import type { Surroundings } from './surroundings.ts';

/** A method of the public contract, as proto-loader describes it. */
export interface Method<Request, Reply> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Reply;
}

export interface Terms {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** A put or a delete: it may have been applied though its answer is missing. */
  readonly write: boolean;
}

/** One attempt failed. */
export class AttemptFailed extends Error {
  override readonly name = 'AttemptFailed';
  readonly error: ShoalError;
  /** The node asks not to be asked again for this long; negative: not to be asked again in this call. */
  readonly pushbackMs: number | undefined;

  constructor(error: ShoalError, pushbackMs: number | undefined) {
    super(error.message, { cause: error });
    this.error = error;
    this.pushbackMs = pushbackMs;
  }
}

/** A node as the SDK asks it. */
export interface Channel {
  /** Rejects with {@link AttemptFailed} and with nothing else. */
  call<Request, Reply>(method: Method<Request, Reply>, request: Request, terms: Terms): Promise<Reply>;
  close(): void;
}

const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

const OPTIONS: ChannelOptions = {
  // gRPC's own retries know nothing of write ids, and hold every message until its call has ended.
  'grpc.enable_retries': 0,
  // By default 1 s growing to 2 min: 7 s to notice a node that was away for 25 s, 0.1 s with these (measured, DESIGN §7).
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 500,
  // Two clients in one process must not share the back-off of a connection.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
  'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
  // While calls are under way only: finds a machine that went without a word.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3_000,
};

export interface OpenedFor {
  readonly protos: Protos;
  readonly surroundings: Surroundings;
}

/** Connects when it is first used. */
export function openChannel(address: string, { protos, surroundings }: OpenedFor): Channel {
  const client = new Client(address, credentials.createInsecure(), OPTIONS);
  return {
    close: () => client.close(),
    call: (method, request, terms) =>
      new Promise((resolve, reject) => {
        const { path, requestSerialize, responseDeserialize } = method;
        const deadline = surroundings.wall() + terms.timeoutMs;
        const metadata = new Metadata();
        const call = client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          metadata,
          { deadline },
          (error, reply) => {
            terms.signal?.removeEventListener('abort', cancel);
            if (error) reject(attemptFailed(error, { write: terms.write, protos }));
            else resolve(reply!);
          },
        );
        const cancel = (): void => call.cancel();
        if (terms.signal?.aborted) cancel();
        else terms.signal?.addEventListener('abort', cancel, { once: true });
      }),
  };
}

function attemptFailed(error: ServiceError, called: { write: boolean; protos: Protos }): AttemptFailed {
  const { code, details: message, metadata } = error;
  const [details] = metadata.get(DETAILS_HEADER);
  const status = { code, message, details: typeof details === 'object' ? details : undefined };
  const pushback = Number.parseInt(String(metadata.get(PUSHBACK_HEADER)[0]), 10);
  return new AttemptFailed(fromStatus(status, called), Number.isNaN(pushback) ? undefined : pushback);
}
