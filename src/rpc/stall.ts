/**
 * How long what a door reads now may have lain unread, because this process stood still: stopped, swapped
 * out, or busy with one thing. A deadline travels as the time that is left, so a request that waited in the
 * socket seems fresh to whoever wakes, long after its client has given up. Part of I10: no expired work
 * executed (DESIGN §7). And how late its loop is all the time, by which the door begins less at once
 * (gate.ts).
 *
 * An upper bound, on purpose: what is refused for an age it has not is not applied, and may be tried again.
 */
import type { Clock, Timer } from '../ports/clock.ts';

const BEAT_MS = 25;
/** Later than this is a stall; less is the common unrest of timers, and within what every deadline bears. */
const LATE_MS_MIN = 50;
/** Beats whose lateness is kept: one garbage collection is no state of the loop. */
const BEATS_KEPT = 8;

export class StallWatch {
  readonly #clock: Clock;
  #beatAt: number;
  /**
   * Kept from a late beat to the next one in time: timers may run before sockets are read, and not all that
   * waited there is read in one turn.
   */
  #noticedMs = 0;
  /** How late the last beats were, the oldest replaced first. */
  readonly #late = new Float64Array(BEATS_KEPT);
  #beats = 0;
  #timer: Timer;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beatAt = clock.now();
    this.#timer = this.#nextBeat();
  }

  /** Milliseconds that a request which is read now may have waited; 0 unless there was a stall. */
  age(): number {
    return Math.max(this.#noticedMs, this.#stallMs());
  }

  /**
   * How late the last beats were in the mean, ms: so long does a turn of the event loop take, or wait for the
   * machine.
   */
  get lateMs(): number {
    return this.#late.reduce((sum, ms) => sum + ms, 0) / BEATS_KEPT;
  }

  stop(): void {
    this.#timer.cancel();
  }

  /**
   * All the time since the last beat when the next one is late: nobody knows when in it the process stopped.
   */
  #stallMs(): number {
    const sinceMs = this.#clock.now() - this.#beatAt;
    return sinceMs < BEAT_MS + LATE_MS_MIN ? 0 : sinceMs;
  }

  #nextBeat(): Timer {
    return this.#clock.after(BEAT_MS, () => this.#beat());
  }

  #beat(): void {
    const stallMs = this.#stallMs();
    this.#late[this.#beats++ % BEATS_KEPT] = Math.max(0, this.#clock.now() - this.#beatAt - BEAT_MS);
    // Late again, because of all there was to read: some of it may be as old as the longer of the two.
    this.#noticedMs = stallMs === 0 ? 0 : Math.max(stallMs, this.#noticedMs);
    this.#beatAt = this.#clock.now();
    this.#timer = this.#nextBeat();
  }
}
