/**
 * What all lanes of a node know together of its clients: how long their requests take, with batches under way
 * and without. The judgement is core/overload/yielding's; here is its state.
 */
import {
  afterAsking,
  afterClient,
  afterOverload,
  NOBODY_SERVED,
  type Speed,
  speed,
  waitMs,
  type Yielding,
} from '../core/overload/yielding.ts';
import type { Clock } from '../ports/clock.ts';

/** Longer than the longest pause between two batches. */
const ACTIVE_MS = 2_000;

export class Courtesy {
  readonly #clock: Clock;
  #yielding: Yielding = NOBODY_SERVED;
  #underWay = 0;
  #activeUntil = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get speed(): Speed {
    return speed(this.#yielding, this.#clock.now());
  }

  /** A batch is under way, or was just now: then it matters how long clients wait. */
  get active(): boolean {
    return this.#underWay > 0 || this.#clock.now() < this.#activeUntil;
  }

  /** A client asks something. */
  asked(): void {
    this.#yielding = afterAsking(this.#yielding, this.#clock.now());
  }

  /** A client's request ended after so long. */
  served(ms: number): void {
    const now = this.#clock.now();
    this.#yielding = afterClient(this.#yielding, { ms, underWay: this.#underWay > 0, now });
  }

  overloaded(): void {
    this.#yielding = afterOverload(this.#yielding, this.#clock.now());
  }

  began(): void {
    this.#underWay += 1;
  }

  /** A batch ended after so long. How long its lane is to wait now. */
  ended(tookMs: number): number {
    const lanes = this.#underWay;
    this.#underWay -= 1;
    this.#activeUntil = this.#clock.now() + ACTIVE_MS;
    return waitMs(this.#yielding, { tookMs, lanes, now: this.#clock.now() });
  }
}
