/**
 * Tells the operator when something begins to be handed off and when that is done, with a line now and then
 * for what takes long: never a line for each round.
 */
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

const TELL_EVERY_MS = 10_000;

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

  constructor({ log, clock }: { readonly log: Log; readonly clock: Clock }, undertaking: Undertaking) {
    this.#log = log;
    this.#clock = clock;
    this.#undertaking = undertaking;
  }

  /** Work begins, unless it goes on. */
  begin(): void {
    if (this.#began !== undefined) return;
    this.#began = this.#clock.now();
    this.#told = this.#began;
    this.#done = 0;
    this.#log.info('handing off', { ...this.#undertaking.facts, records: this.#undertaking.left() });
  }

  add(count: number): void {
    this.#done += count;
    if (this.#clock.now() - this.#told < TELL_EVERY_MS) return;
    this.#told = this.#clock.now();
    this.#log.info('handing off', {
      ...this.#undertaking.facts,
      done: this.#done,
      left: this.#undertaking.left(),
    });
  }

  /** A round is over: done, if nothing is left. */
  end(): void {
    if (this.#began === undefined || this.#undertaking.left() > 0) return;
    const ms = Math.round(this.#clock.now() - this.#began);
    this.#log.info('handed off', { ...this.#undertaking.facts, records: this.#done, ms });
    this.#began = undefined;
  }
}
