/**
 * What a node tells of its digests is what its committed rows come to (I7; TRAPS A1): once the core has
 * converged, each of its nodes is asked, as another owner would ask it, about sums, nodes of trees and keys
 * that are computed anew from its disk, and must find no difference; whatever it has kept in memory since.
 * Left out is a partition that it still fills, or that holds a segment in doubt: then its answer says so.
 */
import { nodeName, type Partition, type Segment } from '../../../src/base/ids.ts';
import { SegmentTree } from '../../../src/core/merkle/segment-tree.ts';
import { SEGMENTS } from '../../../src/core/ring/placement.ts';
import { addRow, addSum, emptySum, SUM_WORDS, sumBytes } from '../../../src/core/rows/segment-sums.ts';
import type { Call } from '../../../src/ports/call.ts';
import { type Comparisons, LEAF_LEVEL } from '../../../src/ports/comparisons.ts';
import { sumKey } from '../../../src/replica/layout.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';

/** Of the tree: its root, and those between it and the segments that a descent asks for. */
const LEVELS = [0, 4, 7];
const CALL: Call = { deadline: Number.POSITIVE_INFINITY, cancelled: false };

export class Digests implements Oracle {
  readonly #view: View;

  constructor(view: View) {
    this.#view = view;
  }

  async converged(): Promise<void> {
    for (const node of this.#view.core) {
      for (const partition of this.#partitionsOf(node)) await this.#check(node, partition);
    }
  }

  #partitionsOf(node: string): readonly Partition[] {
    const own = this.#view.keys.filter(key => this.#view.primaries(key).includes(node));
    return [...new Set(own.map(key => this.#view.place(key).partition))];
  }

  async #check(node: string, partition: Partition): Promise<void> {
    const keys = this.#view.keys.filter(key => this.#view.place(key).partition === partition);
    const asker = this.#view.primaries(keys[0]!).find(owner => owner !== node);
    const running = this.#view.running(node);
    if (asker === undefined || running === undefined || this.#isUnsure(node, keys)) return;
    const what = await firstDifference(this.#said(node, keys), running.comparisons(nodeName(asker)));
    if (what === undefined) return;
    throw new Violation(
      'I7',
      `${node} tells of partition ${partition} ${what} that its disk does not bear out`,
      {
        key: keys[0]!,
      },
    );
  }

  #isUnsure(node: string, keys: readonly string[]): boolean {
    const disk = this.#view.disk(node);
    const isDoubted = (key: string) => disk.get(sumKey(this.#view.place(key)))?.byteLength === 0;
    return keys.some(key => !this.#view.isWhole(node, key) || isDoubted(key));
  }

  /** What the rows of one partition come to. */
  #said(node: string, keys: readonly string[]): Said {
    const sums = new Uint32Array(SEGMENTS * SUM_WORDS);
    const digests = new Map<Segment, Uint8Array[]>();
    for (const key of keys) {
      const row = this.#view.row(node, key);
      if (row === undefined || row === 'damaged') continue;
      const { segment } = this.#view.place(key);
      const { digest } = row.sealed;
      addRow(sums.subarray(segment * SUM_WORDS, (segment + 1) * SUM_WORDS), digest);
      digests.set(segment, [...(digests.get(segment) ?? []), digest]);
    }
    return { partition: this.#view.place(keys[0]!).partition, sums, digests };
  }
}

interface Said {
  readonly partition: Partition;
  readonly sums: Uint32Array;
  /** Of the segments that have rows. */
  readonly digests: ReadonlyMap<Segment, readonly Uint8Array[]>;
}

async function firstDifference(said: Said, comparisons: Comparisons): Promise<string | undefined> {
  const { partition } = said;
  const { differing } = await comparisons.sums([{ partition, sum: totalOf(said) }], CALL);
  if (differing.length > 0) return 'a sum';
  const tree = new SegmentTree(said.sums);
  const segments = [...said.digests.keys()].sort((a, b) => a - b);
  const asked = [
    ...LEVELS.map(level => ({ level, indexes: Array.from({ length: 2 ** level }, (_, i) => i) })),
    { level: LEAF_LEVEL, indexes: segments },
  ];
  const nodes = asked.map(({ level, indexes }) => ({
    partition,
    level,
    nodes: tree.nodesAt(level, indexes),
  }));
  if ((await comparisons.nodes(nodes, CALL)).length > 0) return 'a tree';
  const lists = segments.map(segment => ({ partition, segment, digests: said.digests.get(segment)! }));
  const keys = lists.length === 0 ? [] : await comparisons.keys(lists, CALL);
  return keys.some(({ others, lacking }) => others.length + lacking.length > 0) ? 'keys' : undefined;
}

function totalOf({ sums }: Said): Uint8Array {
  const total = emptySum();
  for (let at = 0; at < sums.length; at += SUM_WORDS) addSum(total, sums.subarray(at, at + SUM_WORDS));
  return sumBytes(total);
}
