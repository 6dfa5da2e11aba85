/**
 * One piece of work of handoff, to one target or with one partition: whether it is under way, where its next
 * round begins, and how long it rests after one that got nothing done. A record that keeps being refused is
 * tried ever more seldom, never given up; news of its target wakes it.
 */
import type { Clock } from '../ports/clock.ts';

const REST_MS_FIRST = 1_000;
const REST_MS_MAX = 60_000;

export class Course {
  /** Where the next round begins; undefined: at the beginning. */
  after: Uint8Array | undefined;
  readonly #clock: Clock;
  #underWay = false;
  #restMs = 0;
  #restsUntil = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get underWay(): boolean {
    return this.#underWay;
  }

  /** It may begin a round. */
  get free(): boolean {
    return !this.#underWay && this.#clock.now() >= this.#restsUntil;
  }

  wake(): void {
    this.#restMs = 0;
    this.#restsUntil = 0;
  }

  begin(): void {
    this.#underWay = true;
  }

  /** @param round.done how much it got done; `failed` a target, which rests by itself */
  end({ done, failed }: { readonly done: number; readonly failed: boolean }): void {
    this.#underWay = false;
    this.#restMs = done > 0 || failed ? 0 : Math.min(Math.max(this.#restMs * 2, REST_MS_FIRST), REST_MS_MAX);
    this.#restsUntil = this.#clock.now() + this.#restMs;
  }
}
