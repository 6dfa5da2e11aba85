/** Load through the SDK: several clients in turn, each with connections of its own. */
import type { Bucket, Client } from '../../client/index.ts';
import type { Over, Reply, Target } from './target.ts';

export interface SdkTargetOptions {
  /** At least one. */
  readonly clients: readonly Client[];
  readonly bucket: string;
  /** 0 for the default. */
  readonly r: number;
  readonly w: number;
  readonly strict: boolean;
  /** So many replies that every acknowledged write is among them. */
  readonly readBackR: number;
}

export class SdkTarget implements Target {
  readonly #options: SdkTargetOptions;
  readonly #buckets: readonly Bucket[];
  readonly #readBack: { readonly r: number; readonly strict: true };
  readonly #beside: { readonly w: number; readonly strict: boolean; readonly blind: true };
  #turn = 0;

  constructor(options: SdkTargetOptions) {
    const { clients, bucket, w, strict, readBackR } = options;
    this.#options = options;
    this.#buckets = clients.map(client => client.bucket(bucket));
    this.#beside = { w, strict, blind: true };
    this.#readBack = { r: readBackR, strict: true };
  }

  get(key: string): Promise<Reply> {
    return this.#next().get(key, this.#options);
  }

  put(key: string, value: Uint8Array, over: Over): Promise<Reply> {
    if (over === 'all') return this.#next().put(key, value, this.#options);
    if (over === 'nothing') return this.#next().put(key, value, this.#beside);
    return this.#next().put(key, value, this.#after(key, over));
  }

  delete(key: string, over: Exclude<Over, 'nothing'>): Promise<Reply> {
    return this.#next().delete(key, over === 'all' ? this.#options : this.#after(key, over));
  }

  readBack(key: string): Promise<Reply> {
    return this.#next().get(key, this.#readBack);
  }

  #after(key: string, context: Uint8Array) {
    const { w, strict, bucket } = this.#options;
    return { w, strict, after: { bucket, key, context } };
  }

  #next(): Bucket {
    this.#turn = (this.#turn + 1) % this.#buckets.length;
    return this.#buckets[this.#turn]!;
  }
}
