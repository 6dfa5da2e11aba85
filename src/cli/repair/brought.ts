/**
 * What one other node, or a refill, has brought since a repair was asked for. Each counts anew at times: two
 * nodes when they have agreed, a refill when it begins. Pure.
 */

export interface Amounts {
  readonly records: number;
  readonly bytes: number;
}

export interface Told extends Amounts {
  /** What it tells while nothing is under way was brought before this request. */
  readonly isUnderWay: boolean;
  /** It is told for the last time. */
  readonly isSettled: boolean;
}

const NONE: Amounts = { records: 0, bytes: 0 };

export class Brought {
  /** As it was told last. */
  #told = NONE;
  /** What had been told before it was counted anew. */
  #before = NONE;
  #settled = false;

  saw({ records, bytes, isUnderWay, isSettled }: Told): void {
    if (this.#settled || !(isUnderWay || isSettled)) return;
    if (records < this.#told.records) this.#before = added(this.#before, this.#told);
    this.#told = { records, bytes };
    this.#settled = isSettled;
  }

  get all(): Amounts {
    return added(this.#told, this.#before);
  }
}

export function added(a: Amounts, b: Amounts): Amounts {
  return { records: a.records + b.records, bytes: a.bytes + b.bytes };
}
