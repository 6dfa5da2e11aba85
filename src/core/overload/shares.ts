/**
 * Whose turn it is among kinds of work that wait (stride scheduling, Waldspurger and Weihl 1995): whoever has
 * had least for its share. None starves, and none saves up turns while it has nothing to do: 1. no write
 * comes for an hour; 2. then a thousand; 3. reads would wait for all.
 */
import { DUE, KINDS, type Kind } from './kinds.ts';

export class Shares {
  /** What each has had, divided by its share. */
  readonly #had: Record<Kind, number> = { peer: 0, read: 0, write: 0, background: 0 };
  /** Where the last that was served stood: who comes anew begins there. */
  #level = 0;

  /** The next among those for which `waits` holds; undefined when there is none. */
  next(waits: (kind: Kind) => boolean): Kind | undefined {
    let chosen: Kind | undefined;
    for (const kind of KINDS)
      if (waits(kind) && (chosen === undefined || this.#had[kind] < this.#had[chosen])) chosen = kind;
    return chosen;
  }

  /** One of that kind was begun. */
  took(kind: Kind): void {
    this.#level = this.#had[kind];
    this.#had[kind] += 1 / DUE[kind].share;
  }

  /** The first of that kind begins to wait. */
  joins(kind: Kind): void {
    this.#had[kind] = Math.max(this.#had[kind], this.#level);
  }
}
