/**
 * How long this turn of the loop has been beginning work: what is begun in one takes no longer than so much;
 * then sockets are read, and answers of peers and disk heard.
 */
import type { Clock } from '../ports/clock.ts';
import type { Turns } from '../ports/turns.ts';

const TURN_MS = 8;

export interface TurnTimeParts {
  readonly clock: Clock;
  readonly turns: Turns;
  /** There is time again. */
  readonly onNext: () => void;
}

export class TurnTime {
  readonly #parts: TurnTimeParts;
  /** When this turn began to begin work; undefined before it does. */
  #from: number | undefined;

  constructor(parts: TurnTimeParts) {
    this.#parts = parts;
  }

  /** Asked before something is begun: the first time in a turn, its time begins to run. */
  isLeft(): boolean {
    const { clock, turns, onNext } = this.#parts;
    if (this.#from !== undefined) return clock.now() - this.#from < TURN_MS;
    this.#from = clock.now();
    turns.atEnd(() => {
      this.#from = undefined;
      onNext();
    });
    return true;
  }
}
