/**
 * The other owners of a partition: with whom a node that may have lost something has to merge (DESIGN §6,
 * *Recovering*).
 */
import type { NodeName, Partition } from '../base/ids.ts';
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
