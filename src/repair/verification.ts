/**
 * Of which partitions this node's own digests are believed by whoever fills them (repair/filling): those that
 * were held against the rows, once by this process. Elsewhere they are believed, and the scrub comes by in
 * its own time; but a partition that is being filled is one whose disk may have lost something:
 *
 * 1. w is acknowledged by a and b; 2. a's disk loses that batch from the middle of its log, and not a later
 * one, which wrote the sum of w's segment, w in it; 3. a recovers, has the very sum that b has, and counts
 * again without w (I5).
 */
import { passOnBugs } from '../base/assert.ts';
import { type Partition, segment } from '../base/ids.ts';
import type { SegmentPlace } from '../ports/comparisons.ts';
import type { Scrubbing } from '../ports/scrubbing.ts';
import type { Lane } from './lane.ts';

export class Verification {
  readonly #scrub: Pick<Scrubbing, 'step'>;
  readonly #done = new Set<Partition>();

  constructor(scrub: Pick<Scrubbing, 'step'>) {
    this.#scrub = scrub;
  }

  /**
   * Whether its sums are those of its rows, or in doubt, which equals nobody's. What they were not is put
   * right, no faster than clients leave room for. False when that cannot be told: the disk cannot be read, or
   * there are writes all the while.
   */
  async of(partition: Partition, lane: Pick<Lane, 'turn'>): Promise<boolean> {
    if (this.#done.has(partition)) return true;
    const isRight = await this.#scrubbed(partition, lane).catch(error => {
      passOnBugs(error);
      return false;
    });
    if (isRight) this.#done.add(partition);
    return isRight;
  }

  async #scrubbed(partition: Partition, lane: Pick<Lane, 'turn'>): Promise<boolean> {
    let from: SegmentPlace | undefined = { partition, segment: segment(0) };
    while (from?.partition === partition) {
      const step: SegmentPlace = from;
      const { busy, next } = await lane.turn(() => this.#scrub.step(step));
      if (busy > 0) return false;
      from = next;
    }
    return true;
  }
}
