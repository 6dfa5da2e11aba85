/**
 * Frames of KV.Pipeline: operations and results, which hold the messages of the unary methods. Here they stay
 * bytes; whoever answers them reads them when their turn comes, so that what is refused costs next to
 * nothing.
 */
import { EMPTY } from '../base/bytes.ts';
import type { Answer, Ask, Dialect } from './frame.ts';
import { decodedFrame, type Messages, type OpaqueOp, type OpaqueResult } from './messages.ts';

/** The numbers of the methods: those of the fields of Op. */
export const PIPELINE_METHOD = { Get: 3, Put: 4, Delete: 5 } as const;

const MIB = 1024 * 1024;
/**
 * A little less than the largest message that a node takes (16 MiB), and that a client does (64 MiB): a body
 * goes whole, in one.
 */
const REQUEST_BYTES_MAX = 15 * MIB;
const ANSWER_BYTES_MAX = 63 * MIB;

export interface PipelineDialectOptions {
  /** Of the ring that is served here, for the side that answers. */
  readonly epoch?: () => number;
  /** Told the epoch in each frame of answers, for the side that asks. */
  readonly onEpoch?: (epoch: number) => void;
}

export function pipelineDialect(
  { pipelineRequest, pipelineResponse }: Messages,
  { epoch = () => 0, onEpoch = () => {} }: PipelineDialectOptions = {},
): Dialect {
  return {
    idMax: Number.MAX_SAFE_INTEGER,
    pieceBytesMax: Number.POSITIVE_INFINITY,
    requestBytesMax: REQUEST_BYTES_MAX,
    answerBytesMax: ANSWER_BYTES_MAX,
    encodeRequests: ({ asks, cancels }) =>
      pipelineRequest.encode({ ops: [...asks.map(opOf), ...cancels.map(id => ({ id, cancel: true }))] }),
    decodeRequests: bytes => {
      const frame = decodedFrame(pipelineRequest, bytes);
      return frame && requestsIn(frame.ops);
    },
    encodeResponses: ({ answers, draining = false }) =>
      pipelineResponse.encode({ results: answers.map(resultOf), epoch: epoch(), draining }),
    decodeResponses: bytes => {
      const frame = decodedFrame(pipelineResponse, bytes);
      if (frame === undefined) return undefined;
      onEpoch(frame.epoch);
      return { sentAt: undefined, answers: frame.results.map(answerIn), draining: frame.draining };
    },
  };
}

function requestsIn(ops: readonly OpaqueOp[]): ReturnType<Dialect['decodeRequests']> {
  const asks: Ask[] = [];
  const cancels: number[] = [];
  for (const op of ops) {
    if (op.cancel) cancels.push(op.id);
    else asks.push(askIn(op));
  }
  return { sentAt: undefined, asks, cancels };
}

function opOf({ id, method, budgetMs, body }: Ask): OpaqueOp {
  if (method === PIPELINE_METHOD.Get) return { id, budgetMs, get: body };
  return method === PIPELINE_METHOD.Put ? { id, budgetMs, put: body } : { id, budgetMs, delete: body };
}

/** An operation of a later version is one without a method: who answers says that it does not know it. */
function askIn({ id, budgetMs = 0, get, put, delete: deletion }: OpaqueOp): Ask {
  if (get) return { id, method: PIPELINE_METHOD.Get, budgetMs, body: get, more: false };
  if (put) return { id, method: PIPELINE_METHOD.Put, budgetMs, body: put, more: false };
  if (deletion) return { id, method: PIPELINE_METHOD.Delete, budgetMs, body: deletion, more: false };
  return { id, method: 0, budgetMs, body: EMPTY, more: false };
}

function resultOf({ id, method, body, failed }: Answer): OpaqueResult {
  if (failed) return { id, failure: body };
  if (method === PIPELINE_METHOD.Get) return { id, get: body };
  return method === PIPELINE_METHOD.Put ? { id, put: body } : { id, delete: body };
}

function answerIn({ id, get, put, delete: deletion, failure }: OpaqueResult): Answer {
  if (get) return { id, method: PIPELINE_METHOD.Get, body: get, failed: false, more: false };
  if (put) return { id, method: PIPELINE_METHOD.Put, body: put, failed: false, more: false };
  if (deletion) return { id, method: PIPELINE_METHOD.Delete, body: deletion, failed: false, more: false };
  return { id, body: failure ?? EMPTY, failed: true, more: false };
}
