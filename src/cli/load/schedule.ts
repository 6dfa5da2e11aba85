/** When operations are to arrive in an open loop: evenly, and whatever has become of those before. Pure. */

const MS_PER_SECOND = 1_000;

export class Schedule {
  readonly #began: number;
  readonly #rate: number;
  #arrivals = 0;

  /** @param rate per second */
  constructor({ began, rate }: { readonly began: number; readonly rate: number }) {
    this.#began = began;
    this.#rate = rate;
  }

  /**
   * The next arrival. From the count, not from the one before: thousands of small sums would drift.
   * @returns milliseconds, on the clock of `began`
   */
  get next(): number {
    return this.#began + (this.#arrivals * MS_PER_SECOND) / this.#rate;
  }

  /** It has arrived. */
  advance(): void {
    this.#arrivals += 1;
  }
}
