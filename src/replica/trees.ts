/**
 * The trees above this node's segment sums, each built when somebody asks for it and kept while nothing in
 * its partition changes (DESIGN §7, *Anti-entropy*). A build blocks the loop, so no two of them share a turn
 * of it.
 *
 * The tree of a partition with a segment in doubt holds, in that segment's place, what no other node's can:
 * see {@link doubtOf}.
 */
import { Buffer } from 'node:buffer';
import { digest } from '../base/hash.ts';
import type { NodeName, Partition, Segment } from '../base/ids.ts';
import { SegmentTree } from '../core/merkle/segment-tree.ts';
import { SEGMENTS } from '../core/ring/placement.ts';
import { addRow, addSum, emptySum, type SegmentSum, SUM_WORDS } from '../core/rows/segment-sums.ts';
import { type Clock, pause } from '../ports/clock.ts';
import type { SegmentLedger } from './segment-ledger.ts';

export interface TreesParts {
  readonly segments: Pick<SegmentLedger, 'sumsOf' | 'doubtful' | 'version'>;
  /** Added to each doubtful sum. */
  readonly doubt: SegmentSum;
  readonly clock: Clock;
}

/** 16 KiB each; twice what one question is about, so that two nodes that ask in turns find theirs again. */
const TREES_KEPT = 16;
const NO_ROWS = new Uint32Array(SEGMENTS * SUM_WORDS);

/**
 * What a sum in doubt is told with, so that it equals no other node's: a row more, whose digest is that of
 * this node's name. It is the same after a restart, and nothing is drawn for it.
 */
export function doubtOf(self: NodeName): SegmentSum {
  const sum = emptySum();
  addRow(sum, digest(Buffer.from(self)));
  return sum;
}

export class Trees {
  readonly #parts: TreesParts;
  /** The one asked for last is last. */
  readonly #kept = new Map<Partition, Kept>();
  /** The turn of the loop that was promised last. */
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: TreesParts) {
    this.#parts = parts;
  }

  /** As its partition's committed sums are when this resolves. */
  async of(partition: Partition): Promise<SegmentTree> {
    return this.#valid(partition) ?? (await this.#inItsTurn(partition));
  }

  #valid(partition: Partition): SegmentTree | undefined {
    const kept = this.#kept.get(partition);
    if (kept?.version !== this.#parts.segments.version(partition)) return undefined;
    this.#keep(partition, kept);
    return kept.tree;
  }

  async #inItsTurn(partition: Partition): Promise<SegmentTree> {
    const turn = this.#turn.then(() => pause(this.#parts.clock, 0));
    this.#turn = turn;
    await turn;
    // Somebody else may have asked for the same one before.
    return this.#valid(partition) ?? this.#build(partition);
  }

  #build(partition: Partition): SegmentTree {
    const { segments } = this.#parts;
    const tree = new SegmentTree(this.#sums(partition));
    this.#keep(partition, { tree, version: segments.version(partition) });
    return tree;
  }

  #keep(partition: Partition, kept: Kept): void {
    this.#kept.delete(partition);
    this.#kept.set(partition, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > TREES_KEPT) this.#kept.delete(oldest!);
  }

  #sums(partition: Partition): Uint32Array {
    const { segments, doubt } = this.#parts;
    const sums = segments.sumsOf(partition) ?? NO_ROWS;
    const doubtful = segments.doubtful().filter(place => place.partition === partition);
    return doubtful.length === 0
      ? sums
      : doubted(sums, { doubt, of: doubtful.map(({ segment }) => segment) });
  }
}

interface Kept {
  readonly tree: SegmentTree;
  /** The ledger's of that partition. */
  readonly version: number;
}

function doubted(
  sums: Uint32Array,
  { doubt, of }: { readonly doubt: SegmentSum; readonly of: readonly Segment[] },
): Uint32Array {
  const all = sums.slice();
  for (const segment of of) addSum(all.subarray(segment * SUM_WORDS, (segment + 1) * SUM_WORDS), doubt);
  return all;
}
