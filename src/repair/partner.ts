/**
 * Where anti-entropy stands with one other owner: when the next round is due, for which request the two last
 * agreed, and how far the round is that runs.
 */
import type { NodeName } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { RepairWith } from '../ports/overview.ts';
import type { Located } from '../ports/replica.ts';

export interface Ended {
  /** The two hold the same. */
  readonly agreed: boolean;
  /** The last request that had come before the round began. */
  readonly asked: number;
  /** Something calm was not what had been looked at. */
  readonly isPuzzled: boolean;
  /** When the next round is due. */
  readonly afterMs: number;
}

/**
 * So many puzzled rounds do not agree: a second later the index is right, as a rule. Then that is how it is,
 * whoever asks: 1. a row is damaged wherever it was; 2. its segment is in doubt for good, and equals no
 * other; 3. nobody must wait for it for ever.
 */
const PUZZLED_MAX = 1;

export class Partner {
  readonly #node: NodeName;
  readonly #clock: Clock;
  /** For which request the two have agreed. */
  agreedFor = 0;
  #underWay = false;
  #dueAt: number;
  #agreedAt: number | undefined;
  /** Since when the two are being brought together, rounds that mend included. */
  #beganAt: number | undefined;
  #rounds = 0;
  /** Since a round last agreed and was not. */
  #puzzled = 0;
  #roundBeganAt = 0;
  #partitions = 0;
  #partitionsLeft = 0;
  #records = 0;
  #bytes = 0;

  /** @param firstMs when the first round is due */
  constructor(node: NodeName, clock: Clock, firstMs: number) {
    this.#node = node;
    this.#clock = clock;
    this.#dueAt = clock.now() + firstMs;
  }

  /** When the next round is due: who has waited longest is first. */
  get dueAt(): number {
    return this.#dueAt;
  }

  get free(): boolean {
    return !this.#underWay && this.#clock.now() >= this.#dueAt;
  }

  /** A round is wanted now. */
  wake(): void {
    this.#dueAt = 0;
  }

  begin(): void {
    this.#underWay = true;
    this.#roundBeganAt = this.#clock.now();
    this.#rounds += 1;
    this.#partitions = 0;
    this.#partitionsLeft = 0;
    if (this.#beganAt !== undefined) return;
    this.#beganAt = this.#clock.now();
    this.#records = 0;
    this.#bytes = 0;
  }

  left(partitions: number): void {
    this.#partitions = Math.max(this.#partitions, partitions);
    this.#partitionsLeft = partitions;
  }

  moved(records: readonly Located[]): void {
    this.#records += records.length;
    this.#bytes += records.reduce((sum, { record }) => sum + record.bytes.byteLength, 0);
  }

  end({ agreed, asked, isPuzzled, afterMs }: Ended): void {
    this.#underWay = false;
    if (isPuzzled) this.#puzzled += 1;
    else if (agreed) this.#puzzled = 0;
    this.#dueAt = this.#clock.now() + afterMs;
    if (!agreed) return;
    this.agreedFor = Math.max(this.agreedFor, asked);
    this.#agreedAt = this.#clock.now();
    this.#beganAt = undefined;
    this.#rounds = 0;
  }

  /** The next round may know what puzzles this one. */
  get isPatient(): boolean {
    return this.#puzzled < PUZZLED_MAX;
  }

  /** So many have begun since the two last agreed. */
  get rounds(): number {
    return this.#rounds;
  }

  /** So many records were moved since the two last agreed. */
  get records(): number {
    return this.#records;
  }

  get progress(): Omit<RepairWith, 'up'> {
    const now = this.#clock.now();
    const tookMs = this.#beganAt === undefined ? 0 : now - this.#beganAt;
    const done = this.#partitions - this.#partitionsLeft;
    return {
      node: this.#node,
      partitionsLeft: this.#partitionsLeft,
      records: this.#records,
      bytes: this.#bytes,
      tookMs,
      leftMs: done > 0 ? ((now - this.#roundBeganAt) / done) * this.#partitionsLeft : undefined,
      agreedMs: this.#agreedAt === undefined ? undefined : now - this.#agreedAt,
      agreedFor: this.agreedFor,
    };
  }
}
