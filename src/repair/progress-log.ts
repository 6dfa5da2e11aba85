/**
 * Tells the operator when something begins to be handed off and when that is done, with a line now and then
 * for what takes long. Not a line for each round: of a member that misses a write every second, all is one
 * undertaking until nothing was left to do for some seconds. What gets nothing done is not told of at all;
 * the metrics count what fails.
 */
import type { Clock, Timer } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

const TELL_EVERY_MS = 10_000;
/** Longer than any pause between two looks at what there is to hand off. */
const QUIET_MS = 3_000;

export interface Undertaking {
  /** Whom it is for, or what it is. */
  readonly facts: Readonly<Record<string, string>>;
  /** How many are left. */
  readonly left: () => number;
}

export class ProgressLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #undertaking: Undertaking;
  #began: number | undefined;
  #told = 0;
  #done = 0;
  #quiet: Timer | undefined;

  constructor({ log, clock }: { readonly log: Log; readonly clock: Clock }, undertaking: Undertaking) {
    this.#log = log;
    this.#clock = clock;
    this.#undertaking = undertaking;
  }

  /** So many were handed off just now. */
  add(count: number): void {
    if (count === 0) return;
    const now = this.#clock.now();
    if (this.#began === undefined) this.#begin(count);
    this.#done += count;
    this.#quiet?.cancel();
    this.#quiet = this.#clock.after(QUIET_MS, () => this.#end(now));
    if (now - this.#told < TELL_EVERY_MS) return;
    this.#told = now;
    this.#tell('handing off', { done: this.#done, left: this.#undertaking.left() });
  }

  #begin(first: number): void {
    this.#began = this.#clock.now();
    this.#told = this.#began;
    this.#done = 0;
    this.#tell('handing off', { records: first + this.#undertaking.left() });
  }

  /** Done, if nothing is left; else it goes on when more can be done. */
  #end(lastAt: number): void {
    if (this.#began === undefined || this.#undertaking.left() > 0) return;
    this.#tell('handed off', { records: this.#done, ms: Math.round(lastAt - this.#began) });
    this.#began = undefined;
  }

  #tell(event: string, facts: Readonly<Record<string, number>>): void {
    this.#log.info(event, { ...this.#undertaking.facts, ...facts });
  }
}
