/**
 * The values that are written. Each bears, in its first 16 bytes, the number of the run and its own, so that
 * it can be told from every other value ever written; the rest is a stretch of random bytes, another one for
 * each value, because LevelDB compresses what repeats.
 */
import { Buffer } from 'node:buffer';
import { asBuffer } from '../../base/bytes.ts';
import { SeededRandom } from '../../base/random.ts';
import type { Value } from '../../client/index.ts';

export const VALUE_BYTES_MIN = 16;
const NUMBER_AT = 8;
/** Enough that stretches seldom begin at the same byte within one block of a table (4 KiB). */
const STARTS = 4_093;

export class Values {
  readonly #run: number;
  readonly #bytes: number;
  readonly #random: Buffer;
  #number = 0;

  /** @param bytes of each value, at least {@link VALUE_BYTES_MIN} */
  constructor({ run, bytes, seed }: { readonly run: number; readonly bytes: number; readonly seed: number }) {
    this.#run = run;
    this.#bytes = bytes;
    this.#random = Buffer.from(new SeededRandom(seed).bytes(bytes + STARTS));
  }

  /** The number of a new value. */
  next(): number {
    this.#number += 1;
    return this.#number;
  }

  /** The value of this number, in memory of its own. */
  make(number: number): Buffer {
    const value = Buffer.allocUnsafe(this.#bytes);
    const start = (number * 61) % STARTS;
    this.#random.copy(value, 0, start, start + this.#bytes);
    value.writeDoubleBE(this.#run, 0);
    value.writeDoubleBE(number, NUMBER_AT);
    return value;
  }

  /** The number of a value of this run; undefined for any other value. */
  numberOf(value: Value): number | undefined {
    if (typeof value === 'string' || value.byteLength < VALUE_BYTES_MIN) return undefined;
    const bytes = asBuffer(value);
    return bytes.readDoubleBE(0) === this.#run ? bytes.readDoubleBE(NUMBER_AT) : undefined;
  }

  /** For people: its number, or that it is of somebody else. */
  nameOf(value: Value): string {
    const number = this.numberOf(value);
    return number === undefined ? 'a value that is not of this run' : String(number);
  }

  /** The numbers of those that are of this run. */
  numbersOf(siblings: readonly { readonly value: Value }[]): readonly number[] {
    return siblings.map(({ value }) => this.numberOf(value)).filter(number => number !== undefined);
  }
}
