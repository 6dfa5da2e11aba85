/**
 * The partitions in which this node may be missing something it once acknowledged: its answers there count in no strict read (I5) until
 * it has merged them with every other owner (DESIGN §6, *Recovering*). Marks are rows, so that a restart half-way forgets nothing.
 */
import { EMPTY } from '../base/bytes.ts';
import { type Partition, partition } from '../base/ids.ts';
import { PARTITIONS } from '../core/ring/placement.ts';
import type { Store } from '../ports/store.ts';
import type { Committer } from './committer.ts';
import { readRecoveringKey, recoveringKey, recoveringRange } from './layout.ts';
import { scanAll } from './scan-all.ts';

export class RecoveringPartitions {
  readonly #committer: Committer;
  readonly #partitions: Set<Partition>;

  private constructor(committer: Committer, partitions: Set<Partition>) {
    this.#committer = committer;
    this.#partitions = partitions;
  }

  static async load({
    store,
    committer,
  }: {
    store: Store;
    committer: Committer;
  }): Promise<RecoveringPartitions> {
    const marked = new Set<Partition>();
    await scanAll(store, recoveringRange(), ({ key }) => {
      const index = readRecoveringKey(key);
      if (index !== undefined) marked.add(index);
    });
    return new RecoveringPartitions(committer, marked);
  }

  has(index: Partition): boolean {
    return this.#partitions.has(index);
  }

  get count(): number {
    return this.#partitions.size;
  }

  /** Sorted. */
  all(): readonly Partition[] {
    return [...this.#partitions].sort((a, b) => a - b);
  }

  /** Marks all of them; resolves when that is durable. */
  async markAll(): Promise<void> {
    const indexes = Array.from({ length: PARTITIONS }, (_, index) => partition(index));
    for (const index of indexes) this.#partitions.add(index);
    await this.#committer.queue(indexes.map(index => ({ key: recoveringKey(index), value: EMPTY })));
  }

  /** Takes marks away, at once and durably soon: losing that after a crash costs one more merge, no more. */
  async clear(indexes: readonly Partition[]): Promise<void> {
    for (const index of indexes) this.#partitions.delete(index);
    await this.#committer.queue(indexes.map(index => ({ key: recoveringKey(index), value: undefined })));
  }
}
