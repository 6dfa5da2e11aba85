/**
 * The two timers of a client, for however many calls: one by which slow reads and waiting calls are looked
 * at, for as long as there are calls, and one that gives connections up when there have been none for a
 * while.
 */
import type { Surroundings } from './surroundings.ts';

/** How late a slow read, or the deadline of a call that waits for room, is noticed. */
const LOOK_MS = 5;
/** Until then the connections keep the process alive. */
export const REST_MS = 10_000;

export interface CallerWatchOptions {
  readonly surroundings: Surroundings;
  /** @returns whether there are calls yet */
  readonly look: (now: number) => boolean;
  readonly rest: () => void;
}

export class CallerWatch {
  readonly #options: CallerWatchOptions;
  #begun = 0;
  #looking = false;

  constructor(options: CallerWatchOptions) {
    this.#options = options;
  }

  /** There is one call more. */
  begun(): void {
    this.#begun += 1;
    if (!this.#looking) this.#lookLater();
  }

  #lookLater(): void {
    const { surroundings, look } = this.#options;
    this.#looking = true;
    surroundings.after(LOOK_MS, () => {
      this.#looking = look(surroundings.now());
      if (this.#looking) this.#lookLater();
      else this.#restLater();
    });
  }

  #restLater(): void {
    const { surroundings, rest } = this.#options;
    const begun = this.#begun;
    surroundings.after(REST_MS, () => {
      if (this.#begun === begun) rest();
    });
  }
}
