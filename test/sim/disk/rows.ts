/**
 * An ordered map of rows in memory. Keys are latin1 strings, so that `<` orders them as bytes; who writes
 * never changes a value in place.
 */
import type { Buffer } from 'node:buffer';

export interface KeySpan {
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
  readonly limit: number;
}

export class SortedRows {
  #values = new Map<string, Buffer>();
  /**
   * In order, by their first letter: the kind of a row (src/replica/layout). Made when first asked for and
   * kept from then on. In one list, a hint that comes or goes would shift all the trail, which is most of the
   * rows.
   */
  #kinds: Map<string, string[]> | undefined;

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
    this.#kinds = undefined;
  }

  keys({ from, to, limit }: KeySpan): readonly string[] {
    this.#kinds ??= inOrder(this.#values.keys());
    const found: string[] = [];
    for (const kind of [...this.#kinds.keys()].sort()) {
      const keys = this.#kinds.get(kind)!;
      const first = indexOf(keys, from);
      const end = Math.min(first + limit - found.length, indexOf(keys, to));
      for (let at = first; at < end; at++) found.push(keys[at]!);
    }
    return found;
  }

  #order(key: string, present: boolean): void {
    if (this.#kinds === undefined) return;
    const keys = ofKind(this.#kinds, key);
    const at = indexOf(keys, key);
    if (present) keys.splice(at, 0, key);
    else keys.splice(at, 1);
  }
}

function inOrder(keys: Iterable<string>): Map<string, string[]> {
  const kinds = new Map<string, string[]>();
  for (const key of [...keys].sort()) ofKind(kinds, key).push(key);
  return kinds;
}

function ofKind(kinds: Map<string, string[]>, key: string): string[] {
  const kind = key.slice(0, 1);
  const known = kinds.get(kind);
  if (known !== undefined) return known;
  const fresh: string[] = [];
  kinds.set(kind, fresh);
  return fresh;
}

/**
 * Where the key stands, or would stand. The end is tried first: every batch writes a row of the trail, whose
 * keys grow.
 */
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
