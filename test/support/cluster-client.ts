/** A client of a {@link TestCluster}: texts as values, and time passes while it waits. */
import { Buffer } from 'node:buffer';
import { type WriteId, writeId } from '../../src/base/ids.ts';
import type { Call } from '../../src/ports/call.ts';
import type { GetReply, ShownSibling, WriteReply } from '../../src/ports/requests.ts';
import type { TestCluster } from './cluster.ts';

const NONE = new Uint8Array();
const BUDGET_MS = 3_000;

export interface PutOptions {
  readonly context?: Uint8Array;
  readonly w?: number;
  readonly strict?: boolean;
  readonly overwrite?: boolean;
  readonly writeId?: WriteId;
  readonly call?: Call;
}

export class TestClient {
  readonly #cluster: TestCluster;
  readonly key: string;
  readonly #bucket: string;

  constructor(cluster: TestCluster, { bucket, key }: { bucket: string; key: string }) {
    this.#cluster = cluster;
    this.#bucket = bucket;
    this.key = key;
  }

  /** Asks a node; time does not pass by itself. */
  putNow(at: string, value: string | Uint8Array, options: PutOptions = {}): Promise<WriteReply> {
    const { call = this.#cluster.callFor(BUDGET_MS), ...rest } = options;
    const request = {
      bucket: this.#bucket,
      key: this.key,
      value: typeof value === 'string' ? Buffer.from(`\x01${value}`) : value,
      context: NONE,
      w: 0,
      strict: false,
      writeId: undefined,
      overwrite: false,
      ...rest,
    };
    return this.#cluster.node(at).requests.put(request, call);
  }

  getNow(
    at: string,
    { r = 0, strict = false, call }: { r?: number; strict?: boolean; call?: Call } = {},
  ): Promise<GetReply> {
    const request = { bucket: this.#bucket, key: this.key, r, strict };
    return this.#cluster.node(at).requests.get(request, call ?? this.#cluster.callFor(BUDGET_MS));
  }

  deleteNow(
    at: string,
    {
      context = NONE,
      w = 0,
      strict = false,
      call,
    }: Pick<PutOptions, 'context' | 'w' | 'strict' | 'call'> = {},
  ): Promise<WriteReply> {
    const request = { bucket: this.#bucket, key: this.key, context, w, strict };
    return this.#cluster.node(at).requests.delete(request, call ?? this.#cluster.callFor(BUDGET_MS));
  }

  put(...asked: Parameters<TestClient['putNow']>): Promise<WriteReply> {
    return this.#cluster.done(this.putNow(...asked));
  }

  get(...asked: Parameters<TestClient['getNow']>): Promise<GetReply> {
    return this.#cluster.done(this.getNow(...asked));
  }

  delete(...asked: Parameters<TestClient['deleteNow']>): Promise<WriteReply> {
    return this.#cluster.done(this.deleteNow(...asked));
  }

  /** What a strict read of all primaries shows. */
  async all(at: string): Promise<readonly string[]> {
    return texts(await this.get(at, { r: 3, strict: true }));
  }
}

/** The texts of a reply's siblings, sorted. */
export function texts({ siblings }: { siblings: readonly ShownSibling[] }): readonly string[] {
  return siblings.map(({ value }) => Buffer.from(value).toString('utf8', 1)).sort();
}

export function sampleWriteId(byte: number): WriteId {
  return writeId(Buffer.alloc(16, byte));
}
