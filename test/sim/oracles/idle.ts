/** An idle cluster repairs nothing (I11): once all replicas agree and nobody asks for anything, no record is sent and no read repaired. */
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';

export class Idle implements Oracle {
  readonly #view: View;
  #before = { applied: 0, repaired: 0 };

  constructor(view: View) {
    this.#view = view;
  }

  converged(): void {
    this.#before = this.#figures();
  }

  idled(): void {
    const after = this.#figures();
    const applied = after.applied - this.#before.applied;
    const repaired = after.repaired - this.#before.repaired;
    if (applied > 0 || repaired > 0)
      throw new Violation(
        'I11',
        `${applied} records were sent and ${repaired} reads repaired while nothing differed`,
      );
  }

  #figures() {
    return { applied: this.#view.sent('Apply'), repaired: this.#view.counted('read.repair') };
  }
}
