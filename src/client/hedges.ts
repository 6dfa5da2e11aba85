/**
 * Reads that may be asked of a second node (The Tail at Scale, Dean and Barroso 2013): one that has not been
 * answered when 95 of 100 others would have been. Most are answered before; so these wait here, oldest first,
 * and are looked at now and then by one timer for all.
 */
import type { CourseAttempt } from './course.ts';

/** Below, a pause of garbage collection, here or there, would be taken for a slow node. */
export const HEDGE_MS_MIN = 15;

export class Hedges {
  readonly #reads = new Set<CourseAttempt>();

  add(read: CourseAttempt): void {
    this.#reads.add(read);
  }

  delete(read: CourseAttempt): void {
    this.#reads.delete(read);
  }

  /** Takes out those that are slow by now. */
  slow(now: number): readonly CourseAttempt[] {
    const slow: CourseAttempt[] = [];
    for (const read of this.#reads) {
      const waitedMs = now - read.askedAt;
      if (waitedMs < HEDGE_MS_MIN) break;
      if (waitedMs >= read.node.slowAfterMs) slow.push(read);
    }
    for (const read of slow) this.#reads.delete(read);
    return slow;
  }
}
