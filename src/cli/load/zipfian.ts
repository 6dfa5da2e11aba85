/**
 * Ranks by Zipf's law: rank k is drawn in proportion to 1 / (k + 1)^θ, after Gray et al., "Quickly generating
 * billion-record synthetic databases" (SIGMOD 1994, §3.2), as YCSB does. Exact for the first two ranks, a
 * close approximation beyond. Pure.
 */

/** That of YCSB: of a hundred thousand keys the first gets 8 % of all draws, the first hundred 41 %. */
export const THETA = 0.99;

/**
 * Beyond so many terms the sum is an integral with a correction: off by less than 1e-9, and a million keys
 * cost nothing.
 */
const TERMS_MAX = 1_000;

export class Zipfian {
  readonly #theta: number;
  readonly #alpha: number;
  #items = 0;
  #zeta = 0;
  #eta = 0;

  /** @param theta more than 0, less than 1 */
  constructor(theta = THETA) {
    this.#theta = theta;
    this.#alpha = 1 / (1 - theta);
  }

  /**
   * @param items how many ranks there are, at least 1; may grow from call to call
   * @param fraction random, in [0, 1)
   */
  rank(items: number, fraction: number): number {
    if (items !== this.#items) this.#prepare(items);
    const share = fraction * this.#zeta;
    if (share < 1 || items === 1) return 0;
    if (share < 1 + 0.5 ** this.#theta) return 1;
    const rank = Math.floor(items * (this.#eta * fraction - this.#eta + 1) ** this.#alpha);
    return Math.min(rank, items - 1);
  }

  #prepare(items: number): void {
    this.#items = items;
    this.#zeta = zeta(items, this.#theta);
    const two = zeta(2, this.#theta);
    this.#eta = (1 - (2 / items) ** (1 - this.#theta)) / (1 - two / this.#zeta);
  }
}

/** Σ 1 / k^θ for k = 1 … n. */
export function zeta(n: number, theta: number): number {
  const exact = Math.min(n, TERMS_MAX);
  let sum = 0;
  for (let k = 1; k <= exact; k += 1) sum += k ** -theta;
  return n === exact ? sum : sum + tail(exact, n, theta);
}

/** Σ for k = from + 1 … to, by the formula of Euler and Maclaurin. */
function tail(from: number, to: number, theta: number): number {
  const integral = (to ** (1 - theta) - from ** (1 - theta)) / (1 - theta);
  const ends = (to ** -theta - from ** -theta) / 2;
  const slopes = (-theta * (to ** (-theta - 1) - from ** (-theta - 1))) / 12;
  return integral + ends + slopes;
}
