/**
 * The committed sums of all segments in memory: those of a partition side by side, their total, and a version
 * that tells whether any of them has changed. Knows nothing of batches or doubts (segment-ledger).
 */
import { type Partition, partition } from '../base/ids.ts';
import { SEGMENTS } from '../core/ring/placement.ts';
import { type SegmentNumber, segmentAt } from '../core/ring/segments.ts';
import { addSum, emptySum, type SegmentSum, SUM_WORDS, subtractSum } from '../core/rows/segment-sums.ts';

export class CommittedSums {
  /** All there are. */
  readonly partitions: readonly Partition[];
  /** By partition: made when its first row comes. */
  readonly #sums: (Uint32Array | undefined)[];
  /** By partition: the sum of those. */
  readonly #totals: readonly SegmentSum[];
  /** By partition. */
  readonly #versions: number[];

  constructor(partitions: number) {
    this.partitions = Array.from({ length: partitions }, (_, index) => partition(index));
    this.#sums = Array.from({ length: partitions });
    this.#totals = Array.from({ length: partitions }, emptySum);
    this.#versions = Array.from({ length: partitions }, () => 0);
  }

  /** A view; of a partition without rows, a sum that nobody keeps. */
  of(index: SegmentNumber): SegmentSum {
    const at = (index % SEGMENTS) * SUM_WORDS;
    return this.#sums[segmentAt(index).partition]?.subarray(at, at + SUM_WORDS) ?? emptySum();
  }

  set(index: SegmentNumber, sum: SegmentSum): void {
    const { partition } = segmentAt(index);
    this.touch(partition);
    this.#sums[partition] ??= new Uint32Array(SEGMENTS * SUM_WORDS);
    const total = this.#totals[partition]!;
    const committed = this.of(index);
    subtractSum(total, committed);
    addSum(total, sum);
    committed.set(sum);
  }

  /** A view. */
  total(index: Partition): SegmentSum {
    return this.#totals[index] ?? emptySum();
  }

  /** A view; undefined while all are empty from the start. */
  sideBySide(index: Partition): Uint32Array | undefined {
    return this.#sums[index];
  }

  /** Grows with every change. */
  version(index: Partition): number {
    return this.#versions[index] ?? 0;
  }

  /** What follows from the sums has changed, if not the sums. */
  touch(index: Partition): void {
    this.#versions[index]! += 1;
  }
}
