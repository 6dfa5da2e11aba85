/**
 * What is under way is no difference (I11; DESIGN §7, *look twice*): where nothing ever went wrong every
 * write reaches all owners by itself, and anti-entropy, however many are being written, finds nothing.
 */
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';

export class Unprovoked implements Oracle {
  readonly #view: View;

  constructor(view: View) {
    this.#view = view;
  }

  looked(): void {
    const found = this.#view.counted('repair.differences');
    if (found > 0) throw new Violation('I11', `${found} differences were found where nothing went wrong`);
  }
}
