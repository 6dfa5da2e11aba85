/**
 * No queue without a bound (I10): so many calls at most are under way from one node to another, and at the
 * end none is. Runs come nowhere near the bound unless something piles up; what is left over at the end shows
 * less.
 */
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';

export interface Traffic {
  /** Calls from one node to another that have begun and not ended. */
  readonly underWay: (from: string, to: string) => number;
  /** Calls between nodes that have not ended, by way. */
  readonly leftOver: () => readonly string[];
}

/** DESIGN §13. */
const IN_FLIGHT_MAX = 1024;

export class Bounds implements Oracle {
  readonly #view: View;
  readonly #traffic: Traffic;

  constructor(view: View, traffic: Traffic) {
    this.#view = view;
    this.#traffic = traffic;
  }

  ended(): void {
    for (const from of this.#view.nodes) {
      for (const to of this.#view.nodes) this.#check(from, to);
    }
  }

  over(): void {
    const [first, ...more] = this.#traffic.leftOver();
    if (first !== undefined)
      throw new Violation(
        'I10',
        `left over at the end: ${first}${more.length > 0 ? ` and ${more.length} more` : ''}`,
      );
  }

  #check(from: string, to: string): void {
    const count = this.#traffic.underWay(from, to);
    if (count > IN_FLIGHT_MAX)
      throw new Violation('I10', `${count} calls are under way from ${from} to ${to}`);
  }
}
