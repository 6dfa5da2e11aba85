/**
 * The time of one process that can be frozen (SIGSTOP, a hanging loop): its timers come due meanwhile, and
 * run all at once when it thaws, before anything that was sent to it is read. That order is the hazard
 * (TRAPS R10).
 */
import type { Clock, Timer } from '../../../src/ports/clock.ts';

export class FreezableClock implements Clock {
  readonly #town: Clock;
  /** Due, in order; undefined while the process runs. */
  #held: Set<() => void> | undefined;
  #thawed: (() => void)[] = [];

  constructor(town: Clock) {
    this.#town = town;
  }

  now(): number {
    return this.#town.now();
  }

  wall(): number {
    return this.#town.wall();
  }

  after(ms: number, action: () => void): Timer {
    const timer = this.#town.after(ms, () => {
      if (this.#held === undefined) action();
      else this.#held.add(action);
    });
    return {
      cancel: () => {
        timer.cancel();
        this.#held?.delete(action);
      },
    };
  }

  freeze(): void {
    this.#held ??= new Set();
  }

  thaw(): void {
    const [due, sent] = [this.#held ?? [], this.#thawed];
    for (const action of due) action();
    this.#held = undefined;
    this.#thawed = [];
    for (const deliver of sent) deliver();
  }

  /** Resolves at once, or when the process has thawed. */
  running(): Promise<void> {
    if (this.#held === undefined) return Promise.resolve();
    return new Promise(resolve => {
      this.#thawed.push(resolve);
    });
  }
}
