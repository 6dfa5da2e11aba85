/**
 * The sums of all segments of this node (DESIGN §7, anti-entropy): each changes in the batch of its rows
 * (I7), is loaded at start, and is never rebuilt by scanning the store. What peers are told is the committed
 * state only.
 *
 * A segment is *doubtful* when its sum can no longer be right: its row is damaged, or a record's row was, so
 * that nobody knows which digest to count out. The doubt survives restarts: the sum's row is then written
 * empty, which no sum is. Does not decide how a doubtful segment is summed up again, nor compare anything.
 */
import { EMPTY } from '../base/bytes.ts';
import type { Partition } from '../base/ids.ts';
import { SEGMENTS } from '../core/ring/placement.ts';
import { numberOf, type SegmentNumber, type SegmentPlace, segmentAt } from '../core/ring/segments.ts';
import {
  addRow,
  decodeSum,
  encodeSum,
  isEmptySum,
  rowsOf,
  type SegmentSum,
  subtractRow,
} from '../core/rows/segment-sums.ts';
import type { Entry, Operation, Store } from '../ports/store.ts';
import { CommittedSums } from './committed-sums.ts';
import type { Ledger } from './committer.ts';
import { readSumKey, sumKey, sumRange } from './layout.ts';
import { scanAll } from './scan-all.ts';

/** A row that came, went or was replaced. Digests of 16 bytes; undefined: there was, or is, no row. */
export interface RowChange extends SegmentPlace {
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}

/** A moment of a segment, from which on a count of its rows is worth something only if nothing changed. */
export interface CountTicket {
  readonly place: SegmentPlace;
  /** Undefined: rows of it were on their way to the disk. */
  readonly changes: number | undefined;
}

export class SegmentLedger implements Ledger {
  readonly #committed: CommittedSums;
  /** Changed since the last batch was closed; these sums may still be added to. */
  #open = new Map<SegmentNumber, SegmentSum>();
  /** Of the closed batches, oldest first. */
  readonly #closed: ReadonlyMap<SegmentNumber, SegmentSum>[] = [];
  /** The newest sum of every segment that is ahead of its committed one. */
  readonly #ahead = new Map<SegmentNumber, SegmentSum>();
  readonly #doubtful = new Set<SegmentNumber>();
  /** How often each segment has changed, counted on beyond 2^32 from 0. */
  readonly #changes: Uint32Array;

  private constructor(partitions: number) {
    this.#committed = new CommittedSums(partitions);
    this.#changes = new Uint32Array(partitions * SEGMENTS);
  }

  /** @param partitions Q of the cluster */
  static async load(store: Store, partitions: number): Promise<SegmentLedger> {
    const ledger = new SegmentLedger(partitions);
    await scanAll(store, sumRange(), entry => ledger.#restore(entry));
    return ledger;
  }

  /** Counts a change of one row; call it right after queueing that row (see `Committer.queue`). */
  change(change: RowChange): void {
    const { before, after } = change;
    const sum = this.#editable(numberOf(change));
    if (before) subtractRow(sum, before);
    if (after) addRow(sum, after);
  }

  /** The segment's sum can no longer be right. */
  doubt(place: SegmentPlace): void {
    this.#doubtful.add(numberOf(place));
    this.#committed.touch(place.partition);
    this.#editable(numberOf(place));
  }

  /**
   * Begins to sum up a segment anew: what {@link isCurrent} and {@link settle} need to know that nothing
   * changed meanwhile.
   */
  beginCount({ partition, segment }: SegmentPlace): CountTicket {
    const place = { partition, segment };
    const index = numberOf(place);
    return { place, changes: this.#ahead.has(index) ? undefined : this.#changes[index] };
  }

  /** No row of the segment has changed since the ticket was drawn, nor was on its way to the disk then. */
  isCurrent({ place, changes }: CountTicket): boolean {
    const index = numberOf(place);
    return changes !== undefined && changes === this.#changes[index] && !this.#ahead.has(index);
  }

  /**
   * Takes the sum of the segment's committed rows and the doubt away; false if a row changed since the ticket
   * was drawn.
   */
  settle(ticket: CountTicket, sum: SegmentSum): boolean {
    if (!this.isCurrent(ticket)) return false;
    const index = numberOf(ticket.place);
    this.#doubtful.delete(index);
    this.#committed.set(index, sum);
    // Written with the next batch.
    this.#editable(index);
    return true;
  }

  isDoubtful(place: SegmentPlace): boolean {
    return this.#doubtful.has(numberOf(place));
  }

  /** Sorted. */
  doubtful(): readonly SegmentPlace[] {
    return [...this.#doubtful].sort((a, b) => a - b).map(segmentAt);
  }

  /** The committed sum of a segment: a copy. */
  sum(place: SegmentPlace): SegmentSum {
    return this.#committed.of(numberOf(place)).slice();
  }

  /** The committed sum of a whole partition: a copy. */
  partitionSum(index: Partition): SegmentSum {
    return this.#committed.total(index).slice();
  }

  /**
   * The committed sums of a partition's segments side by side, `SUM_WORDS` words each, doubtful ones
   * among them: a view, good for this tick and not to be written into. Undefined while all are empty from the
   * start.
   */
  sumsOf(index: Partition): Uint32Array | undefined {
    return this.#committed.sideBySide(index);
  }

  /** Grows with every change of a committed sum of that partition, and of a doubt in it. */
  version(index: Partition): number {
    return this.#committed.version(index);
  }

  /**
   * How many committed rows there are, leaving out doubtful segments, whose counts are as wrong as their
   * sums.
   */
  get records(): number {
    return this.recordsWhere(() => true);
  }

  /** The same of the partitions that are wanted. */
  recordsWhere(isWanted: (index: Partition) => boolean): number {
    let rows = 0;
    for (const index of this.#committed.partitions)
      if (isWanted(index)) rows += rowsOf(this.#committed.total(index));
    for (const index of this.#doubtful)
      if (isWanted(segmentAt(index).partition)) rows -= rowsOf(this.#committed.of(index));
    // A wrong count may have wrapped, and its total with it.
    return rows >>> 0;
  }

  /** Where there are committed rows, or doubt whether there are. Sorted. */
  partitionsWithRows(): readonly Partition[] {
    const unsure = new Set([...this.#doubtful].map(index => segmentAt(index).partition));
    return this.#committed.partitions.filter(
      index => unsure.has(index) || rowsOf(this.#committed.total(index)) > 0,
    );
  }

  close(): readonly Operation[] {
    const changed = this.#open;
    this.#open = new Map();
    this.#closed.push(changed);
    return [...changed].map(([index, sum]) => this.#row(index, sum));
  }

  committed(): void {
    for (const [index, sum] of this.#closed.shift() ?? []) {
      this.#committed.set(index, sum);
      if (this.#ahead.get(index) === sum) this.#ahead.delete(index);
    }
  }

  failed(): void {
    this.#open.clear();
    this.#closed.length = 0;
    this.#ahead.clear();
  }

  #restore({ key, value }: Entry): void {
    const place = readSumKey(key);
    if (place === undefined || place.partition >= this.#committed.partitions.length) return;
    const sum = decodeSum({ key, value });
    if (sum) this.#committed.set(numberOf(place), sum);
    else this.#doubtful.add(numberOf(place));
  }

  /** The segment's newest sum, to be changed in place; one that a closed batch holds is copied first. */
  #editable(index: SegmentNumber): SegmentSum {
    const open = this.#open.get(index);
    if (open) return open;
    this.#changes[index]! += 1;
    const sum = (this.#ahead.get(index) ?? this.#committed.of(index)).slice();
    this.#open.set(index, sum);
    this.#ahead.set(index, sum);
    return sum;
  }

  #row(index: SegmentNumber, sum: SegmentSum): Operation {
    return sumRow(segmentAt(index), this.#doubtful.has(index) ? 'doubtful' : sum);
  }
}

export function sumRow(place: SegmentPlace, sum: SegmentSum | 'doubtful'): Operation {
  const key = sumKey(place);
  if (sum === 'doubtful') return { key, value: EMPTY };
  return { key, value: isEmptySum(sum) ? undefined : encodeSum(sum, key) };
}
