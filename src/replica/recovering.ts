/**
 * The partitions in which this node may be missing something it once acknowledged: its answers there count in
 * no strict read (I5) until it has merged them with every other owner (DESIGN §6, *Recovering*). One row
 * holds a bit for each, so that a restart half-way forgets nothing. It is always there, with a checksum: one
 * that is missing or damaged says that everything is recovering.
 */
import { type Partition, partition } from '../base/ids.ts';
import { PARTITIONS } from '../core/ring/placement.ts';
import { decodeSmallRow, encodeSmallRow } from '../core/rows/small-row.ts';
import type { Store } from '../ports/store.ts';
import type { Committer } from './committer.ts';
import { factKey } from './layout.ts';

/** The fact's row: 32 bytes, the lowest bit of the first for partition 0. */
export const RECOVERING_KEY = factKey('recovering');
const BYTES = PARTITIONS / 8;

export class RecoveringPartitions {
  readonly #committer: Committer;
  readonly #partitions: Set<Partition>;
  /** Whether the store has told which; if not, all are. */
  readonly told: boolean;
  #markings = 0;

  /** @param born the store has held something before: then the row must be there */
  constructor({ store, committer, born }: { store: Store; committer: Committer; born: boolean }) {
    const marked = born ? readMarks(store) : [];
    this.#committer = committer;
    this.told = marked !== undefined;
    this.#partitions = new Set(marked ?? ALL);
  }

  has(index: Partition): boolean {
    return this.#partitions.has(index);
  }

  get count(): number {
    return this.#partitions.size;
  }

  /** How often all were marked, since this process began. */
  get markings(): number {
    return this.#markings;
  }

  /** Sorted. */
  all(): readonly Partition[] {
    return [...this.#partitions].sort((a, b) => a - b);
  }

  /** Marks all of them, at once; resolves when that is durable. */
  async markAll(): Promise<void> {
    this.#markings += 1;
    for (const index of ALL) this.#partitions.add(index);
    await this.write();
  }

  /** Takes marks away, at once and durably soon: losing that after a crash costs one more merge, no more. */
  async clear(indexes: readonly Partition[]): Promise<void> {
    for (const index of indexes) this.#partitions.delete(index);
    await this.write();
  }

  /** Writes the row as it is now; resolves when that is durable. */
  async write(): Promise<void> {
    const body = new Uint8Array(BYTES);
    for (const index of this.#partitions) body[index >> 3]! |= 1 << (index & 7);
    await this.#committer.queue([
      { key: RECOVERING_KEY, value: encodeSmallRow({ key: RECOVERING_KEY, body }) },
    ]);
  }
}

const ALL: readonly Partition[] = Array.from({ length: PARTITIONS }, (_, index) => partition(index));

/** Undefined when the store cannot tell. */
function readMarks(store: Store): readonly Partition[] | undefined {
  const value = read(store);
  const body = value && decodeSmallRow({ key: RECOVERING_KEY, value });
  if (body?.byteLength !== BYTES) return undefined;
  return ALL.filter(index => (body[index >> 3]! & (1 << (index & 7))) !== 0);
}

function read(store: Store): Uint8Array | undefined {
  try {
    return store.get(RECOVERING_KEY);
  } catch {
    return undefined;
  }
}
