/**
 * Which node (or zone) comes first where nothing else decides: each draws a lot for each partition, the same
 * one on every machine (highest random weight, Thaler and Ravishankar 1998). So a node shares its partitions
 * with many others, and when it is out its load goes to all of them rather than to a neighbour.
 */
import { Buffer } from 'node:buffer';
import { digest } from '../../base/hash.ts';

export class Lots {
  readonly #seeds: readonly number[];

  /**
   * @param purpose one draw for each: whoever won at the first must not lose or win at the second because of
   * it
   */
  constructor(purpose: 'table' | 'fallbacks', names: readonly string[]) {
    this.#seeds = names.map(name => digest(Buffer.from(`${purpose} ${name}`)).readUInt32BE(0));
  }

  /** The lot of the index-th name, 0 … 2^32−1. */
  lot(index: number, partition: number): number {
    return mix(this.#seeds[index]! ^ Math.imul(partition + 1, 0x9e3779b1));
  }

  /** The indexes of the names, lowest lot first. */
  order(partition: number): readonly number[] {
    const lots = this.#seeds.map((_, index) => this.lot(index, partition));
    return [...lots.keys()].sort((a, b) => lots[a]! - lots[b]! || a - b);
  }
}

/** Every bit of the input sways every bit of the output: the end of MurmurHash3 (A. Appleby 2011). */
function mix(bits: number): number {
  const once = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
}
