/**
 * What all lanes of a node know together of its clients: how long their requests take, beside work and in
 * quiet moments. The judgement is core/overload/yielding's; here is its state.
 */
import { momentAt, untilWorkMs } from '../core/overload/moments.ts';
import {
  afterAsking,
  afterBeside,
  afterOverload,
  afterQuiet,
  isServing,
  NOBODY_SERVED,
  type Speed,
  speed,
  waitMs,
  type Yielding,
} from '../core/overload/yielding.ts';
import type { Clock } from '../ports/clock.ts';

/** Longer than pauses between two batches, and than a quiet moment. */
const ACTIVE_MS = 300;

export class Courtesy {
  readonly #clock: Clock;
  #yielding: Yielding = NOBODY_SERVED;
  #underWay = 0;
  /** The last time in which there was always a batch under way. */
  #busySince = Number.NEGATIVE_INFINITY;
  #busyUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get speed(): Speed {
    return speed(this.#yielding, this.#clock.now());
  }

  /** A batch is under way, or was just now: then it matters how long clients wait. */
  get active(): boolean {
    return this.#underWay > 0 || this.#clock.now() < this.#busyUntil + ACTIVE_MS;
  }

  /** A client asks something. */
  asked(): void {
    this.#yielding = afterAsking(this.#yielding, this.#clock.now());
  }

  /** A client's request ended after so long. */
  served(ms: number): void {
    this.asked();
    const now = this.#clock.now();
    const moment = momentAt(this.#clock.wall() - ms);
    const isQuiet = moment === 'quiet' && !this.#wasBusy(now - ms);
    if (isQuiet) this.#yielding = afterQuiet(this.#yielding, ms);
    if (moment === 'working') this.#yielding = afterBeside(this.#yielding, ms, now);
  }

  /**
   * A batch was under way then: one that takes long reaches into a quiet moment, and what clients feel of it
   * must not be taken for what they are used to. By when the request began and not when it ended, or those
   * would count less that take long.
   */
  #wasBusy(at: number): boolean {
    return at >= this.#busySince && at < (this.#underWay > 0 ? Number.POSITIVE_INFINITY : this.#busyUntil);
  }

  overloaded(): void {
    this.#yielding = afterOverload(this.#yielding, this.#clock.now());
  }

  /** How long nothing is to be begun: clients are served, and it is a quiet moment. */
  get quietMs(): number {
    return isServing(this.#yielding, this.#clock.now()) ? untilWorkMs(this.#clock.wall()) : 0;
  }

  began(): void {
    if (this.#underWay === 0) this.#busySince = this.#clock.now();
    this.#underWay += 1;
  }

  /** A batch ended after so long. How long its lane is to wait now. */
  ended(tookMs: number): number {
    const lanes = this.#underWay;
    this.#underWay -= 1;
    this.#busyUntil = this.#clock.now();
    return waitMs(this.#yielding, { tookMs, lanes, now: this.#clock.now() });
  }
}
