/**
 * The tree above the sums of one partition's segments (Dynamo §4.7; DESIGN §7, *Anti-entropy*): two nodes
 * that hold the same rows have the same tree, and where they differ a descent from the root finds the
 * segments. Built from all the sums and never changed: who asks again after a write builds anew.
 *
 * The one file that uses merkletreejs, whose traps are these. `hashLeaves` with `addLeaf` gives a wrong root,
 * and `updateLeaf` builds everything again: neither is used. Leaves come hashed and stay in their order (no
 * `hashLeaves`, no `sort`), and 1 024 of them leave no odd node over. It would join each two nodes to one
 * buffer before they are hashed; here the fold takes them as a pair, which halves the cost. A build blocks
 * the loop for 0.4 ms (with SHA-256: 6 ms), the first of a process for 8.
 */
import { Buffer } from 'node:buffer';
import { MerkleTree } from 'merkletreejs/MerkleTree';
import { newBytes } from '../../base/bytes.ts';
import { SEGMENTS } from '../ring/placement.ts';
import { type SegmentSum, SUM_WORDS } from '../rows/segment-sums.ts';
import { NODE_BYTES, type TreeNode } from './nodes.ts';

/** Else it joins each pair, see above. */
const OPTIONS = { concatenator: (pair: Buffer[]) => pair };

export class SegmentTree {
  /** By level, the root first: its hashes side by side, since 2 047 small buffers take ten times the room. */
  readonly #levels: readonly Buffer[];

  /** @param sums of all segments in their order, side by side */
  constructor(sums: Uint32Array) {
    const layers = new MerkleTree(leavesOf(sums), foldPair, OPTIONS).getLayers();
    this.#levels = layers.map(layer => Buffer.concat(layer)).reverse();
  }

  /** @param level 0: the root; `LEAF_LEVEL`: the segments */
  nodesAt(level: number, indexes: readonly number[]): readonly TreeNode[] {
    const hashes = this.#levels[level]!;
    return indexes.map(index => ({
      index,
      hash: hashes.subarray(index * NODE_BYTES, (index + 1) * NODE_BYTES),
    }));
  }
}

/** The leaf of a segment with that sum. */
export function leafHash(sum: SegmentSum): Buffer {
  return fold(sum);
}

function leavesOf(sums: Uint32Array): Buffer[] {
  return Array.from({ length: SEGMENTS }, (_, i) => fold(sums.subarray(i * SUM_WORDS, (i + 1) * SUM_WORDS)));
}

function foldPair([left, right]: readonly [Buffer, Buffer]): Buffer {
  return fold([left.readUInt32BE(0), left.readUInt32BE(4), right.readUInt32BE(0), right.readUInt32BE(4)]);
}

/**
 * Two words of state, and each word that is folded in permutes them: one word that differs is never lost, and
 * the order counts. Against accident: two inputs meet once in 2^64. Malice would not come here, but go for
 * the sums below, which SHA-256 guards (core/rows/segment-sums).
 */
function fold(words: ArrayLike<number>): Buffer {
  let high = 0x243f6a88;
  let low = 0x85a308d3;
  for (let i = 0; i < words.length; i++) {
    high = mix(high, words[i]!);
    low = mix(low ^ high, words[i]!);
  }
  const hash = newBytes(NODE_BYTES);
  hash.writeInt32BE(high, 0);
  hash.writeInt32BE(low, 4);
  return hash;
}

/** Of two words one; bijective in either, by an odd factor. */
function mix(state: number, word: number): number {
  const mixed = Math.imul(state ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
