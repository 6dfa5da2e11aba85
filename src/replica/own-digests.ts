/**
 * What this node's own digests say, of committed rows only: told to those who compare (replica/comparing) and
 * sent by whoever asks the others (repair). Both sides of a comparison speak by this, so that they cannot
 * mean different things.
 */
import type { NodeName, Partition } from '../base/ids.ts';
import { addSum, type SegmentSum, sumBytes } from '../core/rows/segment-sums.ts';
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
    for (let at = 0; at < segments.length; at += LISTED_AT_ONCE)
      lists.push(...(await this.#parts.replica.list(segments.slice(at, at + LISTED_AT_ONCE))));
    return lists;
  }
}
