/**
 * Whether a node is asked by single calls because no stream to it can be had. Rare and dear: a single call
 * costs the node ten times as much. Pure but for what it remembers: `now` is passed in.
 *
 * Why a failed opening or two prove nothing: 1. a node does not run for 600 ms under a flood while clients
 * connect; 2. none hears of its stream in time, though a call that waits longer is answered; 3. all of them
 * fall back, and what they ask costs ten times as much; 4. it stays late for good. So it takes two failures
 * in a row, and a call answered in no more time than a stream has to open; what they said is believed for
 * five seconds first, longer when it turns out true again. A stream that the node itself turned away, in its
 * own words, it knows of: it is to be waited for.
 */

export const UNARY_MS_FIRST = 5_000;
/** An upgrade, or another proxy, is noticed within so long. */
export const UNARY_MS_MAX = 60_000;
/** One request tries a stream; the others do not wait for it. Longer than it may take to open. */
const TRIAL_MS = 1_000;
const FAILURES_MIN = 2;

export class Fallback {
  #unaryMs = UNARY_MS_FIRST;
  /** Until then no stream is tried; 0 while there is no reason not to. */
  #until = 0;
  /** Since a stream last opened. */
  #failures = 0;

  /** @returns true for single calls; a false one is to try a stream */
  unary(now: number): boolean {
    if (this.#until === 0) return false;
    if (now < this.#until) return true;
    this.#until = now + TRIAL_MS;
    return false;
  }

  /** Streams are to be had. */
  opened(): void {
    this.#unaryMs = UNARY_MS_FIRST;
    this.#until = 0;
    this.#failures = 0;
  }

  /** A stream did not open, and nobody said why. @returns whether to see if a single call gets through */
  notOpened(): boolean {
    this.#failures += 1;
    return this.#failures >= FAILURES_MIN;
  }

  /**
   * Nobody listens there, or the node is there and does not want one now: nothing is held back on the way.
   */
  turnedAway(): void {
    this.#failures = 0;
  }

  /** A single call got through where streams did not. */
  callAnswered(now: number): void {
    // It was seen before a stream opened after all.
    if (this.#failures < FAILURES_MIN) return;
    this.#until = now + this.#unaryMs;
    this.#unaryMs = Math.min(this.#unaryMs * 2, UNARY_MS_MAX);
  }

  /** It knows no streams, like an old node. */
  noStreams(now: number): void {
    this.#until = now + UNARY_MS_MAX;
  }
}
