/**
 * A gRPC channel to one node: one call, once, with a deadline. Whether and where to try again is not decided
 * here.
 */
import type { Buffer } from 'node:buffer';
import { type ChannelOptions, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { ShoalError } from '../base/errors.ts';
import { neverLeft } from '../wire/never-left.ts';
import type { Protos } from '../wire/protos.ts';
import { DETAILS_HEADER, fromStatus, PUSHBACK_HEADER } from '../wire/status.ts';
import type { AttemptFailure } from './failure.ts';
import type { Surroundings } from './surroundings.ts';

/** A method of the public contract, as proto-loader describes it. */
export interface Method<Request, Reply> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Reply;
}

export interface Terms {
  readonly timeoutMs: number;
  /** A put or a delete: it may have been applied though its answer is missing. */
  readonly write: boolean;
}

export class AttemptFailed extends Error {
  override readonly name = 'AttemptFailed';
  readonly error: ShoalError;

  constructor({ error }: AttemptFailure) {
    super(error.message, { cause: error });
    this.error = error;
  }
}

/** A node as it is asked one by one. */
export interface Channel {
  /** Rejects with {@link AttemptFailed} and with nothing else. */
  call<Request, Reply>(method: Method<Request, Reply>, request: Request, terms: Terms): Promise<Reply>;
  close(): void;
}

const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

export const CHANNEL_OPTIONS: ChannelOptions = {
  // gRPC's own retries know nothing of write ids, and hold every message until its call has ended.
  'grpc.enable_retries': 0,
  // By default 1 s growing to 2 min: 7 s to notice a node that was away for 25 s, 0.1 s with these (measured,
  // DESIGN §7).
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
  const client = new Client(address, credentials.createInsecure(), CHANNEL_OPTIONS);
  return {
    close: () => client.close(),
    call: (method, request, { timeoutMs, write }) =>
      new Promise((resolve, reject) => {
        const { path, requestSerialize, responseDeserialize } = method;
        const deadline = surroundings.wall() + timeoutMs;
        client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          new Metadata(),
          { deadline },
          (error, reply) => {
            if (error) reject(new AttemptFailed(statusFailure(error, { write, protos })));
            else resolve(reply!);
          },
        );
      }),
  };
}

/** What a failed gRPC call means. */
export function statusFailure(
  { code, details: message, metadata }: ServiceError,
  called: { readonly write: boolean; readonly protos: Protos },
): AttemptFailure {
  const [details] = metadata.get(DETAILS_HEADER);
  const status = { code, message, details: typeof details === 'object' ? details : undefined };
  const pushback = Number.parseInt(String(metadata.get(PUSHBACK_HEADER)[0]), 10);
  return {
    error: fromStatus(status, called),
    pushbackMs: Number.isNaN(pushback) ? undefined : pushback,
    sent: !neverLeft(status),
    local: false,
  };
}
