/**
 * The other owners of a partition: with whom a node that may have lost something has to merge (DESIGN §6,
 * *Recovering*), and compares what it holds (§7, *Anti-entropy*).
 */
import { type NodeName, type Partition, partition } from '../base/ids.ts';
import { preferenceList, type Ring } from '../core/ring/ring.ts';

export interface Ownership {
  /** Whether this node is an owner itself. */
  readonly owned: boolean;
  readonly others: readonly NodeName[];
}

export function ownership(
  ring: Ring,
  { partition, self }: { partition: Partition; self: NodeName },
): Ownership {
  const { primaries } = preferenceList(ring, partition);
  return { owned: primaries.includes(self), others: primaries.filter(node => node !== self) };
}

/** Which partitions each other node owns of those that this one owns; nodes by name, partitions ascending. */
export function sharedPartitions(
  ring: Ring,
  { self }: { readonly self: NodeName },
): ReadonlyMap<NodeName, readonly Partition[]> {
  const shared = new Map<NodeName, Partition[]>();
  for (const index of ring.primaries.keys()) {
    const { owned, others } = ownership(ring, { partition: partition(index), self });
    for (const other of owned ? others : []) {
      const partitions = shared.get(other) ?? [];
      shared.set(other, partitions);
      partitions.push(partition(index));
    }
  }
  return new Map([...shared].sort(([a], [b]) => (a < b ? -1 : 1)));
}
