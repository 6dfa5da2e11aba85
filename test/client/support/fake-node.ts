/**
 * A node of one file: a real gRPC server on a free port of loopback, over {@link FakeKv}, that can be told to
 * misbehave.
 */
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { ShoalError } from '../../../src/base/errors.ts';
import type { LocateResponse } from '../../../src/gen/shoal/v1/LocateResponse.ts';
import type { Op__Output } from '../../../src/gen/shoal/v1/Op.ts';
import type { PipelineRequest__Output } from '../../../src/gen/shoal/v1/PipelineRequest.ts';
import type { PipelineResponse } from '../../../src/gen/shoal/v1/PipelineResponse.ts';
import type { RepairResponse } from '../../../src/gen/shoal/v1/RepairResponse.ts';
import type { RingResponse } from '../../../src/gen/shoal/v1/RingResponse.ts';
import type { StatusResponse } from '../../../src/gen/shoal/v1/StatusResponse.ts';
import { loadProtos } from '../../../src/wire/protos.ts';
import { DETAILS_HEADER, failureOf, PUSHBACK_HEADER, toStatus } from '../../../src/wire/status.ts';
import type { FakeKv } from './fake-kv.ts';

const protos = loadProtos();

/**
 * What a node does with a request before, or instead of, doing it. `lose the answer`: it does it and says
 * nothing.
 */
export type Mood =
  | 'well'
  | 'silent'
  | 'lose the answer'
  | { readonly refuse: ShoalError; readonly pushbackMs?: number };

/**
 * `none`: it knows no pipelines, like an old node. `held`: none ever opens, as behind some proxies.
 * `refused`: it has too many.
 */
export type Pipelines = 'served' | 'none' | 'held' | 'refused';

/** A request as it came in. */
export interface Heard {
  readonly method: string;
  readonly over: 'pipeline' | 'unary';
  // biome-ignore lint/suspicious/noExplicitAny: whichever message it is, tests look into it
  readonly message: any;
  /** Milliseconds since 1970 at which its sender stops waiting. */
  readonly deadline: number;
}

type Stream = ServerDuplexStream<PipelineRequest__Output, PipelineResponse>;

type Done =
  // biome-ignore lint/suspicious/noExplicitAny: as above
  { readonly reply: any } | { readonly failed: ShoalError; readonly pushbackMs: number | undefined };

const UNIMPLEMENTED = 12;
const TOO_MANY_STREAMS = new ShoalError('OVERLOADED', 'too many streams');

export class FakeNode {
  readonly heard: Heard[] = [];
  /** For the requests to come, one each; the last stands for all further ones. */
  moods: Mood[] = ['well'];
  /** Called with each request before it is done. */
  before: (heard: Heard) => void = () => {};
  pipelines: Pipelines = 'served';
  /** Streams that were opened. */
  streams = 0;
  /** Requests that were given up. */
  cancels = 0;
  /** Told with each frame of answers. */
  epoch = 0;
  ring: RingResponse = {};
  status: StatusResponse = {};
  location: LocateResponse = {};
  repair: RepairResponse = {};
  #address = '';
  readonly #server = new Server({ 'grpc.max_receive_message_length': 64 * 1024 * 1024 });
  readonly #kv: FakeKv;

  constructor(kv: FakeKv) {
    this.#kv = kv;
    const { kv: KV, cluster: Cluster } = protos;
    this.#server.addService(KV as never, {
      Get: this.#handler('Get', message => kv.get(message)),
      Put: this.#handler('Put', message => kv.put(message)),
      Delete: this.#handler('Delete', message => kv.delete(message)),
      Pipeline: (call: Stream) => this.#stream(call),
    });
    this.#server.addService(Cluster as never, {
      Status: this.#handler('Status', () => this.status),
      Locate: this.#handler('Locate', () => this.location),
      Repair: this.#handler('Repair', () => this.repair),
      Ring: (_: unknown, answer: sendUnaryData<RingResponse>) => answer(null, this.ring),
    });
  }

  get kv(): FakeKv {
    return this.#kv;
  }

  get address(): string {
    return this.#address;
  }

  /** @param port any free one if left out */
  start(port = 0): Promise<this> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
        if (error) return reject(error);
        this.#address = `127.0.0.1:${bound}`;
        resolve(this);
      });
    });
  }

  /** At once: connections are cut. */
  stop(): void {
    this.#server.forceShutdown();
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above
  #handler(method: string, run: (message: any) => unknown) {
    // biome-ignore lint/suspicious/noExplicitAny: as above
    return (call: ServerUnaryCall<any, any>, answer: sendUnaryData<any>): void => {
      const deadline = Number(call.getDeadline());
      const heard: Heard = { method, over: 'unary', message: call.request, deadline };
      const done = this.#do(heard, run);
      if (done === undefined) return;
      if ('reply' in done) answer(null, done.reply);
      else answer(asStatus(done.failed, done.pushbackMs));
    };
  }

  #stream(call: Stream): void {
    this.streams += 1;
    if (this.pipelines === 'none') call.emit('error', { code: UNIMPLEMENTED, details: 'no such method' });
    if (this.pipelines === 'refused') call.emit('error', asStatus(TOO_MANY_STREAMS, 50));
    if (this.pipelines !== 'served') return;
    call.sendMetadata(new Metadata());
    call.on('data', ({ ops }: PipelineRequest__Output) => {
      for (const op of ops) this.#operation(call, op);
    });
    call.on('end', () => call.end());
    call.on('error', () => {});
  }

  #operation(call: Stream, op: Op__Output): void {
    const { id, budgetMs, get, put, delete: deletion } = op;
    const deadline = Date.now() + budgetMs;
    if (op.call === 'cancel') this.cancels += 1;
    const asked = (method: string, message: unknown): Heard => ({
      method,
      over: 'pipeline',
      message,
      deadline,
    });
    const answer = (name: string, done: Done | undefined) => {
      if (done === undefined) return;
      const result = 'reply' in done ? { id, [name]: done.reply } : { id, failure: asFailure(done) };
      call.write({ results: [result], epoch: this.epoch });
    };
    if (get)
      answer(
        'get',
        this.#do(asked('Get', get), () => this.kv.get(get)),
      );
    if (put)
      answer(
        'put',
        this.#do(asked('Put', put), () => this.kv.put(put)),
      );
    if (deletion)
      answer(
        'delete',
        this.#do(asked('Delete', deletion), () => this.kv.delete(deletion)),
      );
  }

  /** Undefined: nothing is answered. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  #do(heard: Heard, run: (message: any) => unknown): Done | undefined {
    this.heard.push(heard);
    const mood = this.moods.length > 1 ? this.moods.shift()! : this.moods[0]!;
    if (mood === 'silent') return undefined;
    this.before(heard);
    if (typeof mood === 'object') return { failed: mood.refuse, pushbackMs: mood.pushbackMs };
    try {
      const reply = run(heard.message);
      return mood === 'well' ? { reply } : undefined;
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      return { failed: error, pushbackMs: undefined };
    }
  }
}

function asFailure({ failed, pushbackMs }: { failed: ShoalError; pushbackMs: number | undefined }) {
  const failure = failureOf(failed);
  const { 'retry-pushback-ms': _, ...metadata } = failure.metadata;
  const pushback = pushbackMs === undefined ? {} : { 'retry-pushback-ms': String(pushbackMs) };
  return { ...failure, metadata: { ...metadata, ...pushback } };
}

function asStatus(error: ShoalError, pushbackMs: number | undefined) {
  const { code, message, details } = toStatus(failureOf(error), protos);
  const metadata = new Metadata();
  metadata.set(DETAILS_HEADER, details);
  if (pushbackMs !== undefined) metadata.set(PUSHBACK_HEADER, String(pushbackMs));
  return { code, details: message, metadata };
}
