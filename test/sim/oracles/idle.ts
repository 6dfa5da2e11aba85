/**
 * An idle cluster repairs nothing (I11): once all owners agree, a strict read finds nothing to repair, and
 * while nobody asks for anything no record is sent, nor handed off. A sloppy read may: 1. an owner stays
 * down; 2. the read is hedged with a fallback, which still holds what it once took for that owner and has not
 * been asked since; 3. it is rightly repaired.
 */
import type { Operation } from '../history.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';
import { nameOf } from './words.ts';

export class Idle implements Oracle {
  readonly #view: View;
  /** Since the last operation began or ended; undefined before all owners agreed. */
  #since: { readonly applied: number; readonly repaired: number } | undefined;

  constructor(view: View) {
    this.#view = view;
  }

  converged(): void {
    this.#since = this.#figures();
  }

  began(): void {
    if (this.#since !== undefined) this.#since = this.#figures();
  }

  ended(operation: Operation): void {
    if (this.#since === undefined) return;
    const { kind, strict, key } = operation;
    const now = this.#figures();
    if (kind === 'get' && strict && now.repaired > this.#since.repaired)
      throw new Violation('I11', `${nameOf(operation)}, strict, repaired what all owners agree on`, { key });
    this.#since = now;
  }

  rests(): void {
    this.#since = this.#figures();
  }

  idled(): void {
    const applied = this.#figures().applied - this.#since!.applied;
    if (applied > 0)
      throw new Violation('I11', `${applied} records were sent while nobody asked for anything`);
  }

  #figures() {
    const applied = this.#view.sent('Apply') + this.#view.sent('HandOff');
    return { applied, repaired: this.#view.counted('read.repair') };
  }
}
