/** The tree tells two partitions apart exactly where they differ, and never otherwise. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LEAF_LEVEL, NODE_BYTES } from '../../../src/core/merkle/nodes.ts';
import { SegmentTree } from '../../../src/core/merkle/segment-tree.ts';
import { SEGMENTS } from '../../../src/core/ring/placement.ts';
import { SUM_WORDS } from '../../../src/core/rows/segment-sums.ts';

const word = fc.nat(0xffff_ffff);
const segment = fc.nat(SEGMENTS - 1);
/** Some segments hold something, the others nothing. */
const sums = fc
  .array(fc.tuple(segment, fc.array(word, { minLength: SUM_WORDS, maxLength: SUM_WORDS })), { maxLength: 40 })
  .map(held => {
    const all = new Uint32Array(SEGMENTS * SUM_WORDS);
    for (const [at, words] of held) all.set(words, at * SUM_WORDS);
    return all;
  });
const level = fc.nat(LEAF_LEVEL);

const indexesOf = (of: number) => Array.from({ length: 2 ** of }, (_, i) => i);
const hashesAt = (tree: SegmentTree, at: number) =>
  tree.nodesAt(at, indexesOf(at)).map(({ hash }) => Buffer.from(hash).toString('hex'));

/** Which nodes of the level differ. */
function apart(a: SegmentTree, b: SegmentTree, at: number): readonly number[] {
  const there = hashesAt(b, at);
  return hashesAt(a, at).flatMap((hash, i) => (hash === there[i] ? [] : [i]));
}

/** Only the nodes below those that differ are looked at. */
function descent(a: SegmentTree, b: SegmentTree): readonly number[] {
  let found: readonly number[] = [0];
  for (let at = 0; at <= LEAF_LEVEL; at++) {
    const asked = at === 0 ? found : found.flatMap(index => [2 * index, 2 * index + 1]);
    const there = b.nodesAt(at, asked);
    found = a.nodesAt(at, asked).flatMap(({ index, hash }, i) => (same(hash, there[i]!.hash) ? [] : [index]));
  }
  return found;
}

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

test('two nodes with the same sums have the same tree, and those who ask never see another', () => {
  fc.assert(
    fc.property(sums, level, (held, at) => {
      const tree = new SegmentTree(held);
      const before = hashesAt(tree, at);
      expect(hashesAt(new SegmentTree(held.slice()), at)).toEqual(before);
      held.fill(1);
      expect(hashesAt(tree, at)).toEqual(before);
    }),
    { numRuns: 20 },
  );
});

test('any one word of one segment that changes shows on the path to it, and nowhere else', () => {
  fc.assert(
    fc.property(
      sums,
      segment,
      fc.nat(SUM_WORDS - 1),
      fc.integer({ min: 1, max: 0xffff_ffff }),
      (held, at, lane, by) => {
        const changed = held.slice();
        changed[at * SUM_WORDS + lane]! += by;
        const [before, after] = [new SegmentTree(held), new SegmentTree(changed)];
        for (let on = 0; on <= LEAF_LEVEL; on++)
          expect(apart(before, after, on)).toEqual([at >> (LEAF_LEVEL - on)]);
      },
    ),
    { numRuns: 30 },
  );
});

test('a descent finds the segments that differ, all of them and no other', () => {
  fc.assert(
    fc.property(sums, fc.uniqueArray(segment, { maxLength: 30 }), word, (held, wanted, by) => {
      const changed = held.slice();
      for (const at of wanted) changed[at * SUM_WORDS + (at % SUM_WORDS)]! += (by >>> 1) + 1;
      const sorted = [...wanted].sort((a, b) => a - b);
      expect(descent(new SegmentTree(held), new SegmentTree(changed))).toEqual(sorted);
    }),
    { numRuns: 30 },
  );
});

test('two segments that swap their sums, and two halves that do, are other trees', () => {
  const held = new Uint32Array(SEGMENTS * SUM_WORDS).map((_, i) => i);
  const swapped = held.slice();
  swapped.copyWithin(0, SUM_WORDS, 2 * SUM_WORDS);
  swapped.set(held.subarray(0, SUM_WORDS), SUM_WORDS);
  expect(apart(new SegmentTree(held), new SegmentTree(swapped), LEAF_LEVEL)).toEqual([0, 1]);
  expect(apart(new SegmentTree(held), new SegmentTree(swapped), LEAF_LEVEL - 1)).toEqual([0]);
  const half = held.length / 2;
  const turned = Uint32Array.from([...held.subarray(half), ...held.subarray(0, half)]);
  expect(apart(new SegmentTree(held), new SegmentTree(turned), 0)).toEqual([0]);
});

function leaf(words: readonly number[]): string {
  const held = new Uint32Array(SEGMENTS * SUM_WORDS);
  held.set(words);
  return hashesAt(new SegmentTree(held), LEAF_LEVEL)[0]!;
}

test('sums that differ only in high bits, or only in the number of rows, do not meet', () => {
  const near = [0, 1, 2, 0x8000_0000, 0xffff_ffff];
  const inputs = near.flatMap(a => near.flatMap(b => near.map(c => [a, b, 0, 0, c])));
  const hashes = inputs.map(leaf);
  expect(new Set(hashes).size).toBe(inputs.length);
  expect(hashes[0]!.length).toBe(2 * NODE_BYTES);
});

test('two changes that cancel each other out in one half of the hash do not in the other', () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      const [one, two] = [leaf([a, b]), leaf([a ^ 0x8000_0000, b ^ 0x8001_0000])];
      expect(two.slice(0, NODE_BYTES)).toBe(one.slice(0, NODE_BYTES));
      expect(two.slice(NODE_BYTES)).not.toBe(one.slice(NODE_BYTES));
    }),
    { numRuns: 50 },
  );
});
