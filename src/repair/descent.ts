/**
 * From partitions whose sums differ to the segments that do: by the trees above their digests, some levels at
 * a time, each question about what differed in the answer before (Dynamo §4.7; Merkle 1987). Three questions
 * for some partitions, whatever differs in them, and for one segment some 250 bytes of hashes, where its
 * partition's leaves would be 8 KiB. Does not judge whether a difference is real: that takes a second look.
 */
import { equalBytes } from '../base/bytes.ts';
import type { Partition } from '../base/ids.ts';
import { portions } from '../base/portions.ts';
import {
  type Comparisons,
  LEAF_LEVEL,
  type OwnDigests,
  TREES_MAX,
  type TreeIndexes,
  type TreeNodes,
} from '../ports/comparisons.ts';
import type { Lane } from './lane.ts';

/** This node and another, as a round compares them. */
export interface Between {
  readonly own: OwnDigests;
  readonly theirs: Comparisons;
  readonly lane: Lane;
}

/** A node of a tree that differs, and its hash at either side. */
export interface Apart {
  readonly partition: Partition;
  /** Of a leaf: its segment. */
  readonly index: number;
  readonly mine: Uint8Array;
  readonly theirs: Uint8Array;
}

/** 16 nodes of a partition, then 8 below each that differs, and 8 segments below each of those. */
const LEVELS = [4, 7, LEAF_LEVEL] as const;

/** The leaves that differ. @param partitions at most {@link TREES_MAX} */
export async function descend(partitions: readonly Partition[], between: Between): Promise<readonly Apart[]> {
  let level = 0;
  let above: readonly { readonly partition: Partition; readonly indexes: readonly number[] }[] =
    partitions.map(partition => ({ partition, indexes: [0] }));
  let apart: readonly Apart[] = [];
  for (const below of LEVELS) {
    const asked = above.map(({ partition, indexes }) => ({
      partition,
      level: below,
      indexes: indexes.flatMap(index => under(index, below - level)),
    }));
    apart = await compare(asked, between);
    above = byPartition(apart);
    level = below;
  }
  return apart;
}

/** Those leaves that still differ, as they stand now. */
export async function lookAgain(leaves: readonly Apart[], between: Between): Promise<readonly Apart[]> {
  const asked = byPartition(leaves).map(tree => ({ ...tree, level: LEAF_LEVEL }));
  const still: Apart[] = [];
  for (const some of portions(asked, TREES_MAX)) still.push(...(await compare(some, between)));
  return still;
}

async function compare(
  asked: readonly TreeIndexes[],
  { own, theirs, lane }: Between,
): Promise<readonly Apart[]> {
  if (asked.length === 0) return [];
  const mine: TreeNodes[] = [];
  for (const tree of asked) mine.push(await own.nodes(tree));
  const answer = await lane.turn(call => theirs.nodes(mine, call));
  return answer.flatMap(({ partition, nodes }) => {
    const told = mine.find(tree => tree.partition === partition);
    const ours = new Map(told?.nodes.map(({ index, hash }) => [index, hash]));
    return nodes.flatMap(({ index, hash }) => {
      const our = ours.get(index);
      return our === undefined || equalBytes(our, hash)
        ? []
        : [{ partition, index, mine: our, theirs: hash }];
    });
  });
}

function under(index: number, levels: number): readonly number[] {
  const width = 2 ** levels;
  return Array.from({ length: width }, (_, i) => index * width + i);
}

function byPartition(nodes: readonly Apart[]): readonly Pick<TreeIndexes, 'partition' | 'indexes'>[] {
  const indexes = new Map<Partition, number[]>();
  for (const { partition, index } of nodes)
    indexes.set(partition, [...(indexes.get(partition) ?? []), index]);
  return [...indexes].map(([partition, found]) => ({ partition, indexes: found }));
}
