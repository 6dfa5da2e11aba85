/**
 * What the next process would find on a simulated disk, as a `Store` that takes no time and refuses to write.
 * It hands out the disk's own buffers, so that an oracle can remember what it made of one: they must not be
 * written into.
 */
import { Buffer } from 'node:buffer';
import { byteText } from '../../../src/base/bytes.ts';
import type { KeyPlace } from '../../../src/core/ring/placement.ts';
import { decodeRow, type Row } from '../../../src/core/rows/row.ts';
import { type Entry, type Range, type Store, StoreFailed } from '../../../src/ports/store.ts';
import { dataKey } from '../../../src/replica/layout.ts';
import type { SortedRows } from './rows.ts';

export class FoundStore implements Store {
  readonly #rows: SortedRows;
  readonly #decoded = new WeakMap<Buffer, Row | 'damaged'>();

  constructor(rows: SortedRows) {
    this.#rows = rows;
  }

  get(key: Uint8Array): Buffer | undefined {
    return this.#rows.get(byteText(key));
  }

  /** The row of a key. Looked at often, decoded once for each value. */
  row(place: KeyPlace): Row | 'damaged' | undefined {
    const bytes = this.get(dataKey(place));
    if (bytes === undefined) return undefined;
    const known = this.#decoded.get(bytes);
    if (known !== undefined) return known;
    const row = decodeRow(bytes, place);
    this.#decoded.set(bytes, row);
    return row;
  }

  async warm(): Promise<void> {}

  async write(): Promise<void> {
    throw new StoreFailed('this store is for looking at');
  }

  async scan(range: Range): Promise<readonly Entry[]> {
    return this.entries(range);
  }

  async close(): Promise<void> {}

  entries({ from, to, limit }: Range): readonly Entry[] {
    const keys = this.#rows.keys({ from: byteText(from), to: byteText(to), limit });
    return keys.map(key => ({ key: Buffer.from(key, 'latin1'), value: this.#rows.get(key)! }));
  }
}
