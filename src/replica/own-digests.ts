/**
 * What this node's own digests say, of committed rows only: told to those who compare (replica/comparing) and
 * sent by whoever asks the others (repair). Both sides of a comparison speak by this, so that they cannot
 * mean different things.
 *
 * A segment is listed because it differs. If its own rows do not add up to its sum, that may be why: 1. the
 * store silently loses a row; 2. a client writes the key anew, and the sum counts both; 3. every round finds
 * that segment to differ, and in it no record. So the scrub is told, and need not come by first.
 */
import type { NodeName, Partition } from '../base/ids.ts';
import { portions } from '../base/portions.ts';
import { addRow, addSum, emptySum, type SegmentSum, sameSum, sumBytes } from '../core/rows/segment-sums.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  Listed,
  OwnDigests,
  PartitionSum,
  SegmentPlace,
  TreeIndexes,
  TreeNodes,
} from '../ports/comparisons.ts';
import type { LocalReplica } from './replica.ts';
import type { SegmentLedger } from './segment-ledger.ts';
import { doubtOf, Trees } from './trees.ts';

/** Segments whose indexes are open at once. */
const LISTED_AT_ONCE = 16;

export interface DigestParts {
  readonly name: NodeName;
  readonly segments: SegmentLedger;
  readonly replica: Pick<LocalReplica, 'list'>;
  /** The rows of this segment and its sum may not say the same; they may only have been changing. */
  readonly suspect: (segment: SegmentPlace) => void;
  readonly clock: Clock;
}

export class LocalDigests implements OwnDigests {
  readonly #parts: DigestParts;
  readonly #doubt: SegmentSum;
  readonly #trees: Trees;

  constructor(parts: DigestParts) {
    this.#parts = parts;
    this.#doubt = doubtOf(parts.name);
    this.#trees = new Trees({ ...parts, doubt: this.#doubt });
  }

  sums(partitions: readonly Partition[]): readonly PartitionSum[] {
    const { segments } = this.#parts;
    const doubtful = new Set(segments.doubtful().map(({ partition }) => partition));
    return partitions.map(partition => {
      const sum = segments.partitionSum(partition);
      if (doubtful.has(partition)) addSum(sum, this.#doubt);
      return { partition, sum: sumBytes(sum) };
    });
  }

  rows(partition: Partition): number {
    return this.#parts.segments.recordsWhere(index => index === partition);
  }

  async nodes({ partition, level, indexes }: TreeIndexes): Promise<TreeNodes> {
    const tree = await this.#trees.of(partition);
    return { partition, level, nodes: tree.nodesAt(level, indexes) };
  }

  async list(segments: readonly SegmentPlace[]): Promise<readonly (readonly Listed[])[]> {
    const lists: (readonly Listed[])[] = [];
    for (const some of portions(segments, LISTED_AT_ONCE))
      lists.push(...(await this.#parts.replica.list(some)));
    for (const [i, list] of lists.entries()) this.#check(segments[i]!, list);
    return lists;
  }

  #check(segment: SegmentPlace, list: readonly Listed[]): void {
    const { segments, suspect } = this.#parts;
    const sum = emptySum();
    for (const { digest } of list) addRow(sum, digest);
    if (!segments.isDoubtful(segment) && !sameSum(sum, segments.sum(segment))) suspect(segment);
  }
}
