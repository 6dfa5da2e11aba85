/** Reads back what was acknowledged (I1), key by key, and says what is missing. */
import { ShoalError } from '../../client/index.ts';
import type { Check, LostWrite } from './figures.ts';
import { keyName } from './keys.ts';
import type { Expected, Ledger } from './ledger.ts';
import { closedLoop } from './loops.ts';
import type { Target } from './target.ts';
import type { Values } from './values.ts';

export interface Checked {
  readonly ledger: Ledger;
  readonly values: Values;
  readonly target: Target;
  readonly inFlight: number;
}

export function readBack(checked: Checked): Promise<Check> {
  return new ReadBack(checked).run();
}

class ReadBack {
  readonly #checked: Checked;
  readonly #lost: LostWrite[] = [];
  readonly #errors = new Map<string, number>();
  #keys = 0;
  #writes = 0;
  #withStandIns = 0;
  #undecided = 0;

  constructor(checked: Checked) {
    this.#checked = checked;
  }

  async run(): Promise<Check> {
    const { ledger, inFlight } = this.#checked;
    const expected = ledger.expected()[Symbol.iterator]();
    await closedLoop(inFlight, () => {
      const { value, done } = expected.next();
      return done === true ? undefined : this.#key(...(value as readonly [number, Expected]));
    });
    return {
      keys: this.#keys,
      writes: this.#writes,
      lost: this.#lost,
      withStandIns: this.#withStandIns,
      undecided: this.#undecided,
      unread: Object.fromEntries(this.#errors),
    };
  }

  async #key(number: number, expected: Expected): Promise<void> {
    const key = keyName(number);
    try {
      const { siblings } = await this.#checked.target.readBack(key);
      const found = siblings.map(({ value }) => this.#checked.values.nameOf(value));
      this.#judge(key, { expected, found });
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      this.#errors.set(error.reason, (this.#errors.get(error.reason) ?? 0) + 1);
    }
    this.#keys += 1;
  }

  #judge(
    key: string,
    { expected, found }: { readonly expected: Expected; readonly found: readonly string[] },
  ): void {
    const { values, something, undecided } = expected;
    this.#writes += values.length;
    if (undecided) this.#undecided += 1;
    for (const value of values) {
      const write = String(value);
      if (found.includes(write)) continue;
      if (this.#checked.ledger.withStandIn(value)) this.#withStandIns += 1;
      else this.#lost.push({ key, write, found });
    }
    if (something && found.length === 0 && values.length === 0) {
      this.#lost.push({ key, write: 'whichever was last', found });
    }
  }
}
