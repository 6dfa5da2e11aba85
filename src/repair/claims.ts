/**
 * With which other owner a partition is being gone through. What this node has missed all of them hold, as a
 * rule: 1. it was away while a thousand keys were written; 2. it compares with two others at once; 3. both
 * are asked for the same digests and the same keys, and most records come twice. So whoever is second leaves
 * out what another is at, and finds the two equal when it comes back; and another node that asks meanwhile is
 * told to come back, too (replica/guarded-comparisons). Not for ever: one that is slow must not keep the
 * others from what they could bring.
 */
import type { NodeName, Partition } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';

/** A thousand keys take two seconds where clients leave room. */
const HELD_MS_MAX = 10_000;

interface Claim {
  readonly by: NodeName;
  readonly until: number;
}

export class Claims {
  readonly #clock: Clock;
  readonly #claims = new Map<Partition, Claim>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Those of these that nobody else is at, and that are from now on gone through with this one. */
  take(partitions: readonly Partition[], by: NodeName): readonly Partition[] {
    const isFree = (partition: Partition) => !this.has(partition) || this.#claims.get(partition)?.by === by;
    const free = partitions.filter(isFree);
    const until = this.#clock.now() + HELD_MS_MAX;
    for (const partition of free) this.#claims.set(partition, { by, until });
    return free;
  }

  /** It is being gone through with some node. */
  has(partition: Partition): boolean {
    return (this.#claims.get(partition)?.until ?? 0) > this.#clock.now();
  }

  /** It has been gone through, or has failed. */
  release(by: NodeName): void {
    for (const [partition, held] of this.#claims) if (held.by === by) this.#claims.delete(partition);
  }
}
