/**
 * Whose turn it is: everybody once, in an order drawn anew for each round (SWIM §4.3). So no member waits
 * longer than two rounds, and two nodes do not go on asking the same ones.
 */
import type { NodeName } from '../base/ids.ts';
import type { Random } from '../ports/random.ts';

export class Turns {
  readonly #random: Random;
  #round: NodeName[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** @param names everybody, in any order; undefined if there is nobody */
  next(names: readonly NodeName[]): NodeName | undefined {
    this.#round = this.#round.filter(name => names.includes(name));
    if (this.#round.length === 0) this.#round = [...shuffled(names, this.#random)];
    return this.#round.pop();
  }
}

export function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map(item => ({ item, at: random.fraction() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
