/**
 * What a node of the model gives its writes: dots under its incarnation, and hybrid times by its own, wrong
 * clock.
 */
import { type Incarnation, incarnation } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { observe, tick } from '../../src/core/record/hybrid-clock.ts';
import type { Record } from '../../src/core/record/record.ts';
import type { Birth } from '../../src/core/rows/row.ts';
import type { Rules } from './rules.ts';

const MS_2026 = 1_767_225_600_000;

export class ModelMinter {
  readonly #node: number;
  readonly #rules: Rules;
  readonly #skewMs: number;
  #incarnations = 0;
  #incarnation: Incarnation;
  #counter = 0;
  #time = 0;

  constructor(node: number, { rules, skewMs }: { rules: Rules; skewMs: number }) {
    this.#node = node;
    this.#rules = rules;
    this.#skewMs = skewMs;
    this.#incarnation = this.#draw();
  }

  mint(birth: Birth | undefined, { now }: { now: number }) {
    this.#time = tick(this.#time, this.#wallMs(now));
    // Every third counter goes to another key.
    this.#counter += 1 + (this.#counter % 3 === 2 ? 1 : 0);
    const next = { incarnation: this.#incarnation, counter: this.#counter };
    return { ...this.#rules.mint(birth, next), writtenAt: this.#time };
  }

  hear({ siblings }: Record, { now }: { now: number }): void {
    const wallMs = this.#wallMs(now);
    for (const { writtenAt } of siblings) this.#time = observe(this.#time, { heard: writtenAt, wallMs });
  }

  renew(): void {
    this.#incarnation = this.#draw();
  }

  /** The clock is only in memory. */
  restart(): void {
    this.#time = 0;
  }

  #wallMs(now: number): number {
    return MS_2026 + now + this.#skewMs;
  }

  #draw(): Incarnation {
    this.#counter = 0;
    return incarnation(new SeededRandom(1 + this.#node * 1000 + this.#incarnations++).bytes(8));
  }
}
