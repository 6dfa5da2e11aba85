/**
 * Which key an operation is about. Keys have numbers, in the order in which they were inserted, and a choice
 * draws numbers; the name of a key is its number scattered, so that neighbours in number, the hottest keys
 * among them, are not neighbours in name.
 */
import type { Choice } from './mix.ts';
import { Zipfian } from './zipfian.ts';

const DIGITS = 10;

/** Every number below 2^32 has a name of its own, and all names are of one length. */
export function keyName(number: number): string {
  return `user${String(scattered(number)).padStart(DIGITS, '0')}`;
}

/** The last step of MurmurHash3 (A. Appleby): a bijection of 32-bit integers. */
function scattered(number: number): number {
  let x = number >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** From how many keys there are, at least 1, and a random number in [0, 1), the number of one. */
export type Chooser = (keys: number, fraction: number) => number;

export function chooserOf(choice: Choice): Chooser {
  if (choice === 'uniform') return (keys, fraction) => Math.floor(fraction * keys);
  const zipfian = new Zipfian();
  if (choice === 'zipfian') return (keys, fraction) => zipfian.rank(keys, fraction);
  return (keys, fraction) => keys - 1 - zipfian.rank(keys, fraction);
}

/**
 * The keys that are there. A key counts once its insert has ended and all before it have, so that no
 * operation is about one that is still being inserted; if the insert failed, reads of it find nothing, and
 * are counted as such.
 */
export class KeySpace {
  #present: number;
  #next: number;
  /** Inserted, while one before them is still under way: never more than operations under way. */
  readonly #ahead = new Set<number>();

  /** @param present at least 1 */
  constructor(present: number) {
    this.#present = present;
    this.#next = present;
  }

  get present(): number {
    return this.#present;
  }

  /** The number of a key that nobody has inserted. */
  insert(): number {
    this.#next += 1;
    return this.#next - 1;
  }

  /** Its insert has ended, well or not. */
  inserted(number: number): void {
    this.#ahead.add(number);
    while (this.#ahead.delete(this.#present)) this.#present += 1;
  }
}
