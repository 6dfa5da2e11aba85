/** What is done next and to which key, drawn from one seed. Pure. */
import { SeededRandom } from '../../base/random.ts';
import { type Chooser, chooserOf, KeySpace } from './keys.ts';
import { type Kind, kindsOf, type Workload } from './mix.ts';

export class Draw {
  /** Grows by inserts. */
  readonly keys: KeySpace;
  readonly #random: SeededRandom;
  readonly #kindOf: (fraction: number) => Kind;
  readonly #choose: Chooser;

  constructor({ mix, choice, keys, seed }: Workload & { readonly keys: number; readonly seed: number }) {
    this.keys = new KeySpace(keys);
    this.#random = new SeededRandom(seed);
    this.#kindOf = kindsOf(mix);
    this.#choose = chooserOf(choice);
  }

  kind(): Kind {
    return this.#kindOf(this.#random.fraction());
  }

  /** The number of a key that is there. */
  key(): number {
    return this.#choose(this.keys.present, this.#random.fraction());
  }
}
