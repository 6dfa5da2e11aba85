/**
 * One round of anti-entropy with one other owner (DESIGN §7; Dynamo §4.7): the sums of all partitions that
 * both own in one message; where they differ, down to segments; some moments later a second look, because a
 * write that is under way is no difference; then keys, and records both ways. What it costs follows what
 * differs, and when nothing does it is one small message.
 */
import { equalBytes } from '../base/bytes.ts';
import type { Partition } from '../base/ids.ts';
import { type Difference, seenTwice } from '../core/merkle/differences.ts';
import { type Clock, pause } from '../ports/clock.ts';
import { TREES_MAX } from '../ports/comparisons.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Random } from '../ports/random.ts';
import type { ReplicaFailed } from '../ports/replica.ts';
import { type Apart, type Between, descend, lookAgain } from './descent.ts';
import { Fetching, type FetchingParts, isRefusal, type ListedSegment } from './fetching.ts';
import { type SendingParts, send } from './sending.ts';

export interface ExchangeParts extends Omit<FetchingParts, 'onUnlisted'>, SendingParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  /** Whether this node is filling that partition: then it is not to be compared. */
  readonly isRecovering: (partition: Partition) => boolean;
  /** Those of these partitions that are not being gone through with another node (repair/claims). */
  readonly claim: (partitions: readonly Partition[]) => readonly Partition[];
  /** A round that is puzzled does not agree. */
  readonly isPatient: boolean;
  /** So many partitions of those that were found to differ are left. */
  readonly onLeft: (partitions: number) => void;
}

/** Between the two looks: longer than nearly all writes take to reach every owner. */
const MOMENT_MS = 500;
/** With so many segments kept in mind no further partitions are looked into: those wait. */
const LEAVES_MAX = 4096;
/** And of so many the keys, where there are writes. */
const BUSY_MAX = 512;
/** More refusals than that are no matter of single rows. */
const REFUSALS_MAX = 8;

export class Exchange {
  readonly #between: Between;
  readonly #parts: ExchangeParts;
  readonly #fetching: Fetching;
  /** Nothing real was found, or seen to be in the way. */
  #agreed = true;
  #isWaiting = false;
  #isPuzzled = false;
  #refusals = 0;

  constructor(between: Between, parts: ExchangeParts) {
    this.#between = between;
    this.#parts = parts;
    this.#fetching = new Fetching(between, { ...parts, onUnlisted: why => this.#refused(why) });
  }

  /** Something was left out, for it is being gone through with another node. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Something calm was not what had been looked at: the next round may know why. */
  get isPuzzled(): boolean {
    return this.#isPuzzled;
  }

  /**
   * True when the two were found to hold the same but for writes under way. Rejects with ReplicaFailed when
   * the other fails.
   * @param shared the partitions that both own
   */
  async run(shared: readonly Partition[]): Promise<boolean> {
    const { onLeft, ended } = this.#parts;
    let left = this.#fromAnywhere(await this.#differing(shared));
    while (left.length > 0 && !ended()) {
      onLeft(left.length);
      const leaves: Apart[] = [];
      for (; left.length > 0 && leaves.length < LEAVES_MAX && !ended(); left = left.slice(TREES_MAX))
        leaves.push(...(await descend(left.slice(0, TREES_MAX), this.#between)));
      await this.#settle(leaves, left.length);
    }
    onLeft(0);
    return this.#agreed && !ended();
  }

  async #differing(shared: readonly Partition[]): Promise<readonly Partition[]> {
    const { own, theirs, lane } = this.#between;
    const whole = shared.filter(partition => !this.#parts.isRecovering(partition));
    this.#agreed = whole.length === shared.length;
    if (whole.length === 0) return [];
    const { differing, recovering } = await lane.turn(call => theirs.sums(own.sums(whole), call));
    const free = differing.filter(({ isBusy }) => !isBusy).map(({ partition }) => partition);
    const claimed = this.#parts.claim(free);
    this.#isWaiting = claimed.length < differing.length;
    this.#agreed &&= recovering.length === 0 && !this.#isWaiting;
    return claimed;
  }

  /** Wherever a round breaks off, each partition comes before that in some round. */
  #fromAnywhere(partitions: readonly Partition[]): readonly Partition[] {
    if (partitions.length < 2) return partitions;
    const from = Math.floor(this.#parts.random.fraction() * partitions.length);
    return [...partitions.slice(from), ...partitions.slice(0, from)];
  }

  /** The second look, and what follows from it. @param behind partitions whose turn comes after these */
  async #settle(leaves: readonly Apart[], behind: number): Promise<void> {
    if (leaves.length === 0) return;
    await pause(this.#parts.clock, MOMENT_MS);
    if (this.#parts.ended()) return;
    const still = await lookAgain(leaves, this.#between);
    const before = new Map(leaves.map(leaf => [nameOf(leaf), leaf]));
    const isCalm = (leaf: Apart) => sameTwice(before.get(nameOf(leaf)), leaf);
    const share = new Set(still.map(({ partition }) => partition)).size / still.length;
    const busy = still.filter(leaf => !isCalm(leaf));
    const onLeft = (left: number) => this.#parts.onLeft(behind + Math.ceil((left + busy.length) * share));
    busy.push(...(await this.#mendCalm(still.filter(isCalm), onLeft)));
    for (let from = 0; from < busy.length && !this.#parts.ended(); from += BUSY_MAX)
      await this.#mendAmongWrites(busy.slice(from, from + BUSY_MAX));
  }

  /**
   * What differs in segments that were the same at both looks. @returns those that are not what was looked at
   */
  async #mendCalm(leaves: readonly Apart[], onLeft: (segments: number) => void): Promise<readonly Apart[]> {
    const others: Apart[] = [];
    await this.#fetching.list(leaves, async ({ segments, left }) => {
      others.push(...segments.filter(({ isAsSeen }) => !isAsSeen).map(({ leaf }) => leaf));
      await this.#mend(segments.flatMap(({ isAsSeen, found }) => (isAsSeen ? found : [])));
      onLeft(left);
    });
    // One of them may have an index that wants a row, which is put right once it has been seen (own-digests).
    this.#isPuzzled ||= others.length > 0;
    this.#agreed &&= !this.#isPuzzled || !this.#parts.isPatient;
    return others;
  }

  /** Where writes may be under way a key counts by itself: seen twice, the very same. */
  async #mendAmongWrites(busy: readonly Apart[]): Promise<void> {
    const first: Difference[] = [];
    await this.#fetching.list(busy, async ({ segments }) => void first.push(...foundIn(segments)));
    if (first.length === 0) return;
    await pause(this.#parts.clock, MOMENT_MS);
    await this.#fetching.list(busy, async ({ segments }) => {
      const found = foundIn(segments);
      const real = seenTwice(first, found);
      this.#parts.metrics.count('repair.in-flight', found.length - real.length);
      await this.#mend(real);
    });
  }

  async #mend(found: readonly Difference[]): Promise<void> {
    if (found.length === 0) return;
    this.#agreed = false;
    this.#parts.metrics.count('repair.differences', found.length);
    await this.#unlessRefused(this.#fetching.fetch(found));
    await this.#unlessRefused(send(found, this.#between.lane, this.#parts));
  }

  /** What one of the two refuses does not keep it from taking what comes behind that. */
  async #unlessRefused(work: Promise<void>): Promise<void> {
    await work.catch(error => {
      if (!isRefusal(error)) throw error;
      this.#refused(error);
    });
  }

  #refused(why: ReplicaFailed): void {
    this.#agreed = false;
    this.#refusals += 1;
    if (this.#refusals === 1) this.#parts.metrics.count('repair.failed');
    if (this.#refusals > REFUSALS_MAX) throw why;
  }
}

function foundIn(segments: readonly ListedSegment[]): readonly Difference[] {
  return segments.flatMap(({ found }) => found);
}

function nameOf({ partition, index }: Apart): string {
  return `${partition}/${index}`;
}

function sameTwice(first: Apart | undefined, second: Apart): boolean {
  return (
    first !== undefined && equalBytes(first.mine, second.mine) && equalBytes(first.theirs, second.theirs)
  );
}
