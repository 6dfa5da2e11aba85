/** Reads back what was acknowledged (I1), key by key, and says what is missing. */
import { ShoalError } from '../../client/index.ts';
import { eachSecond } from './each-second.ts';
import type { Check, LostWrite } from './figures.ts';
import { keyName } from './keys.ts';
import type { Expected, Ledger } from './ledger.ts';
import { closedLoop } from './loops.ts';
import { Measurement } from './measurement.ts';
import { bulkInFlight, type Scene } from './scene.ts';

/** Once nothing is under way any more. */
export function readBack(scene: Scene, ledger: Ledger): Promise<Check> {
  return new ReadBack(scene, ledger).run();
}

class ReadBack {
  readonly #scene: Scene;
  readonly #ledger: Ledger;
  readonly #measurement: Measurement;
  readonly #lost: LostWrite[] = [];
  #writes = 0;
  #withStandIns = 0;
  #undecided = 0;

  constructor(scene: Scene, ledger: Ledger) {
    this.#scene = scene;
    this.#ledger = ledger;
    this.#measurement = new Measurement({
      from: scene.around.clock.now(),
      until: Number.POSITIVE_INFINITY,
    });
  }

  async run(): Promise<Check> {
    const { around, options } = this.#scene;
    const ticks = eachSecond(around.clock, seconds =>
      around.progress({ phase: 'check', seconds, notStarted: 0, ...this.#measurement.state() }),
    );
    const expected = this.#ledger.expected()[Symbol.iterator]();
    await closedLoop(bulkInFlight(options), () => {
      const next = expected.next();
      return next.done === true ? undefined : this.#key(...next.value);
    }).finally(() => ticks.cancel());
    return this.#findings();
  }

  async #key(number: number, expected: Expected): Promise<void> {
    const { target, writes, around } = this.#scene;
    const key = keyName(number);
    const began = around.clock.now();
    this.#measurement.began();
    try {
      const { siblings } = await target.readBack(key);
      const found = siblings.map(({ value }) => writes.values.nameOf(value));
      this.#measurement.ended('read', { began, now: around.clock.now() });
      this.#judge(key, { expected, found });
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      this.#measurement.failed(error.reason, { began, now: around.clock.now() });
    }
  }

  #judge(
    key: string,
    { expected, found }: { readonly expected: Expected; readonly found: readonly string[] },
  ): void {
    const { values, something, undecided } = expected;
    this.#writes += values.length;
    if (undecided) this.#undecided += 1;
    for (const value of values) if (!found.includes(String(value))) this.#missed(value, { key, found });
    const empty = something && values.length === 0 && found.length === 0;
    if (empty) this.#lost.push({ key, write: 'whichever was last', found });
  }

  #missed(value: number, { key, found }: Pick<LostWrite, 'key' | 'found'>): void {
    if (this.#ledger.withStandIn(value)) this.#withStandIns += 1;
    else this.#lost.push({ key, write: String(value), found });
  }

  #findings(): Check {
    const { errors } = this.#measurement.figures({ distributions: false });
    return {
      keys: this.#ledger.keys,
      writes: this.#writes,
      lost: this.#lost,
      withStandIns: this.#withStandIns,
      undecided: this.#undecided,
      unread: errors,
    };
  }
}
