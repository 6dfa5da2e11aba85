/**
 * Seeded randomness for tests, models and the simulator: the same seed gives the same sequence for ever
 * (I13).
 */

/** What the seeded generator offers; the port `Random` (src/ports) is a part of it. */
export class SeededRandom {
  #state: number;

  /** @param seed any 32-bit integer */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /**
   * A 32-bit integer, 0 … 2^32−1. (Mulberry32, T. Ettinger 2017: 32 bits of state are plenty to draw a
   * history.)
   */
  u32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.u32() / 2 ** 32;
  }

  /** An integer, 0 … below−1. */
  below(below: number): number {
    return Math.floor(this.fraction() * below);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One of the items; there must be one. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** This many random bytes. */
  bytes(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.below(256));
  }
}
