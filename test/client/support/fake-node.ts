/** A node of one file: a real gRPC server on a free port of loopback, over {@link FakeKv}, that can be told to misbehave. */
import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { ShoalError } from '../../../src/base/errors.ts';
import type { LocateResponse } from '../../../src/gen/shoal/v1/LocateResponse.ts';
import type { StatusResponse } from '../../../src/gen/shoal/v1/StatusResponse.ts';
import { loadProtos } from '../../../src/wire/protos.ts';
import { DETAILS_HEADER, failureOf, PUSHBACK_HEADER, toStatus } from '../../../src/wire/status.ts';
import type { FakeKv } from './fake-kv.ts';

const protos = loadProtos();

/** What a node does with a request before, or instead of, doing it. `lose the answer`: it does it and says nothing. */
export type Mood =
  | 'well'
  | 'silent'
  | 'lose the answer'
  | { readonly refuse: ShoalError; readonly pushbackMs?: number };

/** A request as it came in. */
export interface Heard {
  readonly method: string;
  // biome-ignore lint/suspicious/noExplicitAny: whichever message it is, tests look into it
  readonly message: any;
  /** Milliseconds since 1970 at which its sender stops waiting. */
  readonly deadline: number;
}

export class FakeNode {
  readonly heard: Heard[] = [];
  /** For the requests to come, one each; the last stands for all further ones. */
  moods: Mood[] = ['well'];
  /** Called with each request before it is done. */
  before: (heard: Heard) => void = () => {};
  status: StatusResponse = {};
  location: LocateResponse = {};
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
    });
    this.#server.addService(Cluster as never, {
      Status: this.#handler('Status', () => this.status),
      Locate: this.#handler('Locate', () => this.location),
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
      const heard = { method, message: call.request, deadline: Number(call.getDeadline()) };
      this.heard.push(heard);
      const mood = this.moods.length > 1 ? this.moods.shift()! : this.moods[0]!;
      if (mood === 'silent') return;
      this.before(heard);
      try {
        if (typeof mood === 'object') throw mood.refuse;
        const reply = run(call.request);
        if (mood === 'well') answer(null, reply);
      } catch (error) {
        if (!(error instanceof ShoalError)) throw error;
        answer(asStatus(error, typeof mood === 'object' ? mood.pushbackMs : undefined));
      }
    };
  }
}

function asStatus(error: ShoalError, pushbackMs: number | undefined) {
  const { code, message, details } = toStatus(failureOf(error), protos);
  const metadata = new Metadata();
  metadata.set(DETAILS_HEADER, details);
  if (pushbackMs !== undefined) metadata.set(PUSHBACK_HEADER, String(pushbackMs));
  return { code, details: message, metadata };
}
