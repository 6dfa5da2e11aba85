/** An ordered map of rows in memory. Keys are latin1 strings, so that `<` orders them as bytes; who writes never changes a value in place. */
import type { Buffer } from 'node:buffer';

export interface KeySpan {
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
  readonly limit: number;
}

export class SortedRows {
  #values = new Map<string, Buffer>();
  /** In order; made when first asked for and kept from then on: most writes only overwrite. */
  #keys: string[] | undefined;

  get all(): ReadonlyMap<string, Buffer> {
    return this.#values;
  }

  get(key: string): Buffer | undefined {
    return this.#values.get(key);
  }

  /** @param value undefined removes the key */
  set(key: string, value: Buffer | undefined): void {
    const had = this.#values.has(key);
    if (value === undefined) this.#values.delete(key);
    else this.#values.set(key, value);
    if (had !== (value !== undefined)) this.#order(key, value !== undefined);
  }

  replace(rows: ReadonlyMap<string, Buffer>): void {
    this.#values = new Map(rows);
    this.#keys = undefined;
  }

  keys({ from, to, limit }: KeySpan): readonly string[] {
    this.#keys ??= [...this.#values.keys()].sort();
    const first = indexOf(this.#keys, from);
    return this.#keys.slice(first, Math.max(first, Math.min(first + limit, indexOf(this.#keys, to))));
  }

  #order(key: string, present: boolean): void {
    if (this.#keys === undefined) return;
    const at = indexOf(this.#keys, key);
    if (present) this.#keys.splice(at, 0, key);
    else this.#keys.splice(at, 1);
  }
}

/** Where the key stands, or would stand. The end is tried first: the trail, of which every batch writes a row, comes last. */
function indexOf(keys: readonly string[], key: string): number {
  const last = keys.at(-1);
  if (last === undefined || last < key) return keys.length;
  let [low, high] = [0, keys.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
