/**
 * How old notes surely are. They bear the time of the wall clock, and that jumps: 1. a member is away for an
 * hour; 2. the clock of this node is set a month ahead; 3. all that is noted for it looks a month old, and
 * would be dropped. So a note is as old as it would be had the wall clock always been as far behind as it was
 * seen to be at any time; and no older than this process, which has not seen what the clock did before. Both
 * err to the side of keeping: what a node restarted every week keeps is bounded by bytes alone.
 */
import type { Clock } from '../ports/clock.ts';

export class Ages {
  readonly #clock: Clock;
  readonly #startedAt: number;
  /** How far the wall clock is ahead of the monotonic one, at the least. */
  #aheadMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#aheadMs = clock.wall() - this.#startedAt;
  }

  /** Often enough that no note bears a time that was not seen. */
  look(): void {
    this.#aheadMs = Math.min(this.#aheadMs, this.#clock.wall() - this.#clock.now());
  }

  /** The earliest that it may be by now, milliseconds since 1970. */
  get nowMs(): number {
    this.look();
    return this.#clock.now() + this.#aheadMs;
  }

  /** @param atMs milliseconds since 1970, by the wall clock of this node */
  of(atMs: number): number {
    return Math.min(this.nowMs - atMs, this.#clock.now() - this.#startedAt);
  }
}
