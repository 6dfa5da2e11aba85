/**
 * This node's digests and records as one other node may have them compared: only of partitions that both own.
 * Whatever else is asked is refused and counted, whole, since no sound peer asks it, and to answer would show
 * records to a node that holds no share of them. Whether the asker has the right ring at all was judged
 * before (membership/stamp).
 */
import type { NodeName, Partition } from '../base/ids.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import { preferenceList, type Ring } from '../core/ring/ring.ts';
import type { Call } from '../ports/call.ts';
import type {
  Comparisons,
  PartitionSum,
  SegmentDifference,
  SegmentDigests,
  SumsReply,
  TreeNodes,
} from '../ports/comparisons.ts';
import type { Metrics } from '../ports/metrics.ts';
import { type Located, ReplicaFailed } from '../ports/replica.ts';

export interface GuardedComparisonsParts {
  readonly self: NodeName;
  readonly asker: NodeName;
  readonly comparisons: Comparisons;
  /** Undefined until this node serves. */
  readonly ring: () => Ring | undefined;
  /** What differs there is being gone through with some node: whoever else begins brings the same again. */
  readonly isBusy: (partition: Partition) => boolean;
  readonly metrics: Metrics;
}

export class GuardedComparisons implements Comparisons {
  readonly #parts: GuardedComparisonsParts;

  constructor(parts: GuardedComparisonsParts) {
    this.#parts = parts;
  }

  async sums(mine: readonly PartitionSum[], call: Call): Promise<SumsReply> {
    this.#check(mine);
    const { differing, recovering } = await this.#parts.comparisons.sums(mine, call);
    const { isBusy } = this.#parts;
    return { differing: differing.map(found => ({ ...found, isBusy: isBusy(found.partition) })), recovering };
  }

  async nodes(mine: readonly TreeNodes[], call: Call): Promise<readonly TreeNodes[]> {
    this.#check(mine);
    return await this.#parts.comparisons.nodes(mine, call);
  }

  async keys(mine: readonly SegmentDigests[], call: Call): Promise<readonly SegmentDifference[]> {
    this.#check(mine);
    return await this.#parts.comparisons.keys(mine, call);
  }

  async records(places: readonly KeyPlace[], call: Call): Promise<readonly (Located | undefined)[]> {
    this.#check(places);
    return await this.#parts.comparisons.records(places, call);
  }

  #check(asked: readonly { readonly partition: Partition }[]): void {
    const { self, asker, metrics } = this.#parts;
    const foreign = asked.find(({ partition }) => !this.#isShared(partition));
    if (foreign === undefined) return;
    metrics.count('repair.refused');
    throw new ReplicaFailed('refused', `${self} and ${asker} do not both own partition ${foreign.partition}`);
  }

  #isShared(partition: Partition): boolean {
    const { self, asker, ring } = this.#parts;
    const known = ring();
    if (known === undefined) return false;
    const { primaries } = preferenceList(known, partition);
    return primaries.includes(self) && primaries.includes(asker);
  }
}
