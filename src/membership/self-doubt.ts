/**
 * How far this node doubts itself before it doubts others (DESIGN §7, *Detection*): its own loop may be late,
 * it may be the one that is cut off, and whoever misses answers waits longer (local-health). Judges nobody.
 *
 *   D2  a node whose own loop was late judges nobody in that beat, and forgives all silence by as much:
 *       1. the loop hangs for five seconds; 2. timers run before sockets are read; 3. everybody would seem
 *       silent (TRAPS R10)
 *   D3  who hears nobody at all doubts itself first, and suspects nobody before {@link SUSPICION_MS_MAX}; but
 *       then it has waited enough
 */
import { healthAfter, type Sign, stretch } from '../core/membership/local-health.ts';
import { SUSPICION_MS_MAX } from '../core/membership/suspicion.ts';
import type { Clock } from '../ports/clock.ts';

/** A beat so much later than it should is a stall. */
const LATE_MS = 250;

export class SelfDoubt {
  readonly #clock: Clock;
  #health = 0;
  #dueAt: number;
  /** Questions sent before this moment may have been answered unheard. */
  #stalledAt = Number.NEGATIVE_INFINITY;
  #heardAnyAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#dueAt = clock.now();
    this.#heardAnyAt = clock.now();
  }

  /** The next beat is to be so soon. */
  expectBeat(ms: number): void {
    this.#dueAt = this.#clock.now() + ms;
  }

  /**
   * For how long this node stood still, now that its beat has come; 0 if that is in time.
   *
   * @param usualMs from one beat to the next
   */
  stalledMs(usualMs: number): number {
    const now = this.#clock.now();
    const lateMs = now - this.#dueAt;
    if (lateMs <= LATE_MS) return 0;
    this.feel('stalled');
    this.#stalledAt = now;
    this.#heardAnyAt = Math.min(now, this.#heardAnyAt + lateMs + usualMs);
    return lateMs + usualMs;
  }

  /** Whether what was asked then may have been answered, and not been read yet: timers run first. */
  wasStalledSince(sentAt: number): boolean {
    return this.#stalledAt >= sentAt || this.#clock.now() - this.#dueAt > LATE_MS;
  }

  /** Somebody was heard, or silence counts from now on. */
  heardAny(): void {
    this.#heardAnyAt = this.#clock.now();
  }

  heardAnySince(sentAt: number): boolean {
    return this.#heardAnyAt >= sentAt;
  }

  /** D3: for so long that it is no doubt of oneself any more. */
  get hasHeardNobody(): boolean {
    return this.#clock.now() - this.#heardAnyAt >= SUSPICION_MS_MAX;
  }

  feel(sign: Sign): void {
    this.#health = healthAfter(this.#health, sign);
  }

  /** By how much all waiting times are stretched. */
  get patience(): number {
    return stretch(this.#health);
  }
}
