/**
 * Ways to have 100 bytes echoed: a unary call for each; a message on an open stream for each; and gathered,
 * what one turn of the event loop asked for in frames of at most sixteen, told apart by ids. Each gives a
 * promise per operation, as a client of a store does.
 *
 * Why sixteen, and grpc-js as it comes: the aims are shares of the gathered echo, and were set where it cost
 * 18 to 28 µs, beside 340 of a unary call and 65 of a stream's message. With these frames the three stood in
 * about that proportion on a machine twice as fast (8 to 13, 180, 34). What can be had at best, `lean`, is a
 * frame for all that a turn asked for, its messages encoded by protobufjs itself: 60 % of that at 64 in
 * flight and half at 256, and it is shown beside it.
 */
import {
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type { MethodDefinition } from '@grpc/proto-loader';
import { Fifo } from './fifo.ts';
import { type Frame, METHODS, type Put, type PutReply, type ReplyFrame } from './messages.ts';

export type EchoShape = 'unary' | 'stream' | 'gathered' | 'lean';

export interface EchoCaller {
  readonly call: Call;
  readonly close: () => void;
}

type Call = (put: Put) => Promise<PutReply>;

const BUDGET_MS = 5_000;
/** See above. */
const FRAME_OPS = 16;

const CALLS: Readonly<Record<EchoShape, (client: Client) => Call>> = {
  unary: unaryCall,
  stream: streamCall,
  gathered: client => gatheredCall(open(client, METHODS.gathered), FRAME_OPS),
  lean: client => gatheredCall(open(client, METHODS.lean), Number.POSITIVE_INFINITY),
};

export function echoCaller(shape: EchoShape, port: number): EchoCaller {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  return { call: CALLS[shape](client), close: () => client.close() };
}

function unaryCall(client: Client): Call {
  const { path, requestSerialize, responseDeserialize } = METHODS.unary;
  return put =>
    new Promise((resolve, reject) => {
      const deadline = Date.now() + BUDGET_MS;
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        put,
        new Metadata(),
        { deadline },
        (error, reply) => (error ? reject(error) : resolve(reply!)),
      );
    });
}

/** A server that answers in order needs no ids: the oldest that waits is the one that is answered. */
function streamCall(client: Client): Call {
  const stream = open(client, METHODS.stream);
  const waiting = new Fifo<(reply: PutReply) => void>();
  stream.on('data', (reply: PutReply) => waiting.take()?.(reply));
  return put =>
    new Promise(resolve => {
      waiting.add(resolve);
      stream.write(put);
    });
}

/** @param max so many operations to a frame at most */
function gatheredCall(stream: ClientDuplexStream<Frame, ReplyFrame>, max: number): Call {
  const waiting = new Map<number, (reply: PutReply) => void>();
  let next = 0;
  let ops: Frame['ops'][number][] = [];
  stream.on('data', ({ results }: ReplyFrame) => {
    for (const { id, put } of results) {
      waiting.get(id)?.(put);
      waiting.delete(id);
    }
  });
  const flush = (): void => {
    for (let i = 0; i < ops.length; i += max) stream.write({ ops: ops.slice(i, i + max) });
    ops = [];
  };
  return put =>
    new Promise(resolve => {
      next += 1;
      waiting.set(next, resolve);
      if (ops.length === 0) setImmediate(flush);
      ops.push({ id: next, budgetMs: BUDGET_MS, put });
    });
}

/** Without its stream a run would wait for ever, so the process ends and its parent hears of it. */
function open<Request, Reply>(client: Client, method: MethodDefinition<Request, Reply>) {
  const { path, requestSerialize, responseDeserialize } = method;
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, new Metadata());
  stream.on('error', (error: ServiceError) => {
    if (error.code !== status.CANCELLED) throw error; // by close()
  });
  return stream;
}
