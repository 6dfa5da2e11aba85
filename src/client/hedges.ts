/**
 * Requests that may be sent to another node beside the first (The Tail at Scale, Dean and Barroso 2013): a
 * read that has not been answered when 95 of 100 others would have been; and whatever may be repeated, writes
 * too, when its node answers nobody any more. Most are answered before; so they wait here, oldest first, and
 * are looked at now and then by one timer for all.
 *
 * Why a write is not sent twice for being slow: its node has begun it, waits for others itself, and they
 * would bear it twice. Of one that is silent to all nobody knows whether it has even read it; and both are
 * one write, by its id.
 */
import type { CourseAttempt } from './course.ts';
import type { KnownNode } from './known-node.ts';

/** Below, a pause of garbage collection, here or there, would be taken for a slow node. */
export const HEDGE_MS_MIN = 15;

export class Hedges {
  /** The first attempts of reads. */
  readonly #reads = new Set<CourseAttempt>();
  readonly #repeatable = new Set<CourseAttempt>();

  add(attempt: CourseAttempt): void {
    const { course } = attempt;
    if (course.order.repeatable) this.#repeatable.add(attempt);
    if (!course.write && course.asked.length === 1) this.#reads.add(attempt);
  }

  delete(attempt: CourseAttempt): void {
    this.#reads.delete(attempt);
    this.#repeatable.delete(attempt);
  }

  /** Those that wait for this node. */
  at(node: KnownNode): readonly CourseAttempt[] {
    return [...this.#repeatable].filter(attempt => attempt.node === node);
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
