/** What a worker does next, to which keys, with which values: drawn from its seed, and from nothing else. */
import { SeededRandom } from '../../src/base/random.ts';

export type Deed =
  | 'get'
  | 'put over'
  | 'put blind'
  | 'change'
  | 'delete seen'
  | 'delete'
  | 'getMany'
  | 'putMany';

/** Of a hundred. */
const MIX: readonly (readonly [Deed, number])[] = [
  ['get', 30],
  ['put over', 16],
  ['put blind', 6],
  ['change', 26],
  ['delete seen', 8],
  ['delete', 4],
  ['getMany', 5],
  ['putMany', 5],
];
/** In use at one time. */
const KEYS = 300;
const MANY = 12;
const VALUE_BYTES_MAX = 600;

export class Deck {
  readonly #random: SeededRandom;
  readonly #name: string;
  #deeds = 0;
  #values = 0;

  /** @param name of the worker, and of its values */
  constructor(name: string, seed: number) {
    this.#name = name;
    this.#random = new SeededRandom(seed);
  }

  deed(): Deed {
    this.#deeds += 1;
    let left = this.#random.below(100);
    for (const [deed, weight] of MIX) {
      if (left < weight) return deed;
      left -= weight;
    }
    return 'get';
  }

  /**
   * With each deed one key goes out of use, to be judged in the end, and another comes. Why so fast: whole
   * records are shipped, so the next write of a key heals what was lost of the one before, and a loss is seen
   * only where nobody writes any more.
   */
  key(): string {
    return `k${this.#deeds + this.#random.below(KEYS)}`;
  }

  /** Several, none twice. */
  keys(): readonly string[] {
    return [...new Set(Array.from({ length: MANY }, () => this.key()))];
  }

  /** One that nobody else writes: its name first, then as much more as is drawn. */
  value(): string {
    this.#values += 1;
    return `${this.#name}.${this.#values} ${'.'.repeat(this.#random.below(VALUE_BYTES_MAX))}`;
  }

  chance(probability: number): boolean {
    return this.#random.chance(probability);
  }

  /** A pause of so much on average. */
  pauseMs(meanMs: number): number {
    return this.#random.fraction() * 2 * meanMs;
  }
}

/** By which it goes in a history. */
export function nameOf(value: string | Uint8Array): string {
  return String(value).split(' ', 1)[0]!;
}
