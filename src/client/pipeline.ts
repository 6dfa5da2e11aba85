/**
 * A node asked over one stream (KV.Pipeline): what many calls ask in one turn goes in one frame. What the stream does not carry (status, locate)
 * goes as a unary call beside it.
 */
import type { Buffer } from 'node:buffer';
import { ShoalError } from '../base/errors.ts';
import type { Ending } from '../link/asking.ts';
import { grpcDuplex } from '../link/grpc-duplex.ts';
import { LastingLink } from '../link/lasting-link.ts';
import { decoded, type Messages } from '../wire/messages.ts';
import { PIPELINE_METHOD, pipelineDialect } from '../wire/pipeline-dialect.ts';
import { fromFailure, pushbackOf } from '../wire/status.ts';
import {
  AttemptFailed,
  type Channel,
  type Method,
  type OpenedFor,
  openChannel,
  type Terms,
} from './channel.ts';

const PATH = '/shoal.v1.KV/Pipeline';
const FRAME_BYTES_MAX = 128 * 1024 * 1024;
const NUMBER_OF: Readonly<Record<string, number>> = {
  '/shoal.v1.KV/Get': PIPELINE_METHOD.Get,
  '/shoal.v1.KV/Put': PIPELINE_METHOD.Put,
  '/shoal.v1.KV/Delete': PIPELINE_METHOD.Delete,
};

/** Connects when it is first used. */
export function openPipeline(address: string, opened: OpenedFor): Channel {
  const { protos, surroundings } = opened;
  const link = new LastingLink({
    open: grpcDuplex({ address, path: PATH, frameBytesMax: FRAME_BYTES_MAX, proxied: true }),
    dialect: pipelineDialect(protos.messages),
    clock: surroundings,
    turns: surroundings,
    fraction: () => surroundings.fraction(),
  });
  const unary = openChannel(address, opened);
  return {
    close: () => {
      link.close();
      unary.close();
    },
    call: (method, request, terms) => {
      const number = NUMBER_OF[method.path];
      if (number === undefined) return unary.call(method, request, terms);
      return overLink(
        { link, messages: protos.messages, now: surroundings.now() },
        { method, number, request, terms },
      );
    },
  };
}

interface Over {
  readonly link: LastingLink;
  readonly messages: Messages;
  readonly now: number;
}

interface Asked<Request, Reply> {
  readonly method: Method<Request, Reply>;
  readonly number: number;
  readonly request: Request;
  readonly terms: Terms;
}

function overLink<Request, Reply>(over: Over, asked: Asked<Request, Reply>): Promise<Reply> {
  const { method, number, request, terms } = asked;
  return new Promise((resolve, reject) => {
    const call = { deadline: over.now + terms.timeoutMs, cancelled: false };
    const cancel = (): void => {
      call.cancelled = true;
    };
    const settle = (ending: Ending): void => {
      terms.signal?.removeEventListener('abort', cancel);
      if (ending.kind === 'reply') resolve(method.responseDeserialize(ending.body as Buffer));
      else reject(attemptFailed(ending, { write: terms.write, messages: over.messages }));
    };
    const why = over.link.ask({
      method: number,
      body: method.requestSerialize(request),
      call,
      bulk: false,
      settle,
    });
    if (why !== undefined) reject(unreachable(why));
    else terms.signal?.addEventListener('abort', cancel, { once: true });
  });
}

function attemptFailed(
  ending: Exclude<Ending, { kind: 'reply' }> | Extract<Ending, { body: Uint8Array }>,
  { write, messages }: { write: boolean; messages: Messages },
): AttemptFailed {
  if ('body' in ending) {
    const failure = decoded(messages.failure, ending.body);
    if (failure === undefined) return unreachable('what it answered cannot be read');
    return new AttemptFailed(fromFailure(failure, { write }), pushbackOf(failure));
  }
  if (ending.kind === 'not sent') return unreachable(ending.why);
  const lost = new ShoalError(write ? 'OUTCOME_UNKNOWN' : 'EXPIRED', ending.why, {
    outcome: write ? 'unknown' : 'not applied',
  });
  return new AttemptFailed(lost, undefined);
}

function unreachable(why: string): AttemptFailed {
  return new AttemptFailed(new ShoalError('UNREACHABLE', why), undefined);
}
