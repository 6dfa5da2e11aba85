/**
 * The public methods of one node, called once each: no retries, and every failure is a ShoalError with its
 * reason.
 */
import { AttemptFailed, type Channel, type Method, openChannel } from '../../../src/client/channel.ts';
import { SYSTEM } from '../../../src/client/surroundings.ts';
import { loadProtos } from '../../../src/wire/protos.ts';

const protos = loadProtos();
const { kv, cluster } = protos;
const TIMEOUT_MS = 10_000;

type RequestOf<M> = M extends Method<infer Request, infer _> ? Request : never;
type ReplyOf<M> = M extends Method<infer _, infer Reply> ? Reply : never;

export class Calls {
  readonly #channel: Channel;

  constructor(address: string) {
    this.#channel = openChannel(address, { protos, surroundings: SYSTEM });
  }

  get(request: RequestOf<typeof kv.Get>): Promise<ReplyOf<typeof kv.Get>> {
    return this.#call(kv.Get, request);
  }

  put(request: RequestOf<typeof kv.Put>): Promise<ReplyOf<typeof kv.Put>> {
    return this.#call(kv.Put, request);
  }

  delete(request: RequestOf<typeof kv.Delete>): Promise<ReplyOf<typeof kv.Delete>> {
    return this.#call(kv.Delete, request);
  }

  status(): Promise<ReplyOf<typeof cluster.Status>> {
    return this.#call(cluster.Status, {});
  }

  locate(request: RequestOf<typeof cluster.Locate>): Promise<ReplyOf<typeof cluster.Locate>> {
    return this.#call(cluster.Locate, request);
  }

  repair(): Promise<ReplyOf<typeof cluster.Repair>> {
    return this.#call(cluster.Repair, {});
  }

  /** How much of that the node has counted since it started. */
  async counter(name: string): Promise<number> {
    const { counters } = await this.status();
    return Number(counters[name] ?? 0);
  }

  close(): void {
    this.#channel.close();
  }

  async #call<Request, Reply>(method: Method<Request, Reply>, request: Request): Promise<Reply> {
    try {
      const terms = { timeoutMs: TIMEOUT_MS, signal: undefined, write: false };
      return await this.#channel.call(method, request, terms);
    } catch (error) {
      throw error instanceof AttemptFailed ? error.error : error;
    }
  }
}

/** The text values of a reply, sorted. */
export function textsOf(reply: ReplyOf<typeof kv.Get> | ReplyOf<typeof kv.Put>): readonly string[] {
  return reply.siblings.map(({ value }) => value?.text ?? '').sort();
}
