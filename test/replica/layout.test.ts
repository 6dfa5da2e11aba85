import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { incarnation, nodeName, partition, segment } from '../../src/base/ids.ts';
import { type KeyPlace, placeKey } from '../../src/core/ring/placement.ts';
import {
  dataKey,
  factKey,
  formerKey,
  formerRange,
  hintKey,
  hintRange,
  indexKey,
  indexRange,
  keyAfter,
  knownKey,
  knownRange,
  partitionRange,
  readDataKey,
  readFormerKey,
  readHintKey,
  readIndexKey,
  readKnownKey,
  readSumKey,
  readTrailKey,
  type Span,
  segmentRange,
  sumKey,
  sumRange,
  trailKey,
  trailRange,
} from '../../src/replica/layout.ts';

const names = fc.record({
  bucket: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  key: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
});
const u16 = fc.nat(0xffff);

function inside({ from, to }: Span, key: Uint8Array): boolean {
  return Buffer.compare(from, key) <= 0 && Buffer.compare(key, to) < 0;
}

function place(bucket: string, key: string): KeyPlace {
  return placeKey({ bucket, key });
}

test('every key comes back from its bytes', () => {
  fc.assert(
    fc.property(names, u16, fc.uint8Array({ minLength: 8, maxLength: 8 }), (name, number, eight) => {
      const at = placeKey(name);
      expect(readDataKey(dataKey(at))).toEqual(at);
      expect(readIndexKey(indexKey(at))).toEqual(at);
      expect(readFormerKey(formerKey(at))).toEqual(at);
      const target = nodeName(name.bucket);
      expect(readHintKey(hintKey(target, at))).toEqual({ target, place: at });
      const sum = { partition: partition(number), segment: segment(number % 1024) };
      expect(readSumKey(sumKey(sum))).toEqual(sum);
      expect(readKnownKey(knownKey(incarnation(eight)))).toBe(incarnation(eight));
      expect(readTrailKey(trailKey(number))).toBe(number);
    }),
  );
});

test('every key lies in its range and in no other', () => {
  const at = place('carts', 'alice');
  const ranges: [Span, Uint8Array][] = [
    [partitionRange(at.partition), dataKey(at)],
    [indexRange(), indexKey(at)],
    [formerRange(), formerKey(at)],
    [sumRange(), sumKey(at)],
    [hintRange(), hintKey(nodeName('n2'), at)],
    [knownRange(), knownKey(incarnation(Buffer.alloc(8, 0xff)))],
    [trailRange(), trailKey(0xffff)],
    [{ from: factKey('a'), to: factKey('b') }, factKey('address')],
  ];
  for (const [i, [span]] of ranges.entries()) {
    expect(ranges.map(([, key]) => inside(span, key))).toEqual(ranges.map((_, j) => i === j));
  }
});

test('the last segment of the last partition ends where the index ends', () => {
  const last = { ...place('a', 'b'), partition: partition(0xffff), segment: segment(0xffff) };
  expect(inside(partitionRange(last.partition), dataKey(last))).toBe(true);
  expect(partitionRange(last.partition).to).toEqual(Buffer.from('s'));
  expect(inside(segmentRange(last), indexKey(last))).toBe(true);
  expect(segmentRange(last).to).toEqual(Buffer.from('j'));
});

test('a segment has its own part of the index, and its neighbours are not in it', () => {
  const at = { ...place('a', 'b'), partition: partition(0x01ff), segment: segment(0x00ff) };
  expect(inside(segmentRange(at), indexKey(at))).toBe(true);
  expect(inside(segmentRange(at), indexKey({ ...at, segment: segment(0x0100) }))).toBe(false);
  expect(inside(partitionRange(at.partition), dataKey({ ...at, partition: partition(0x0200) }))).toBe(false);
});

test('the rows of a bucket lie side by side in each partition', () => {
  const rows = ['carts', 'devices', 'flags'].flatMap(bucket =>
    Array.from({ length: 200 }, (_, i) => place(bucket, `k${i}`)),
  );
  const ordered = rows.sort((a, b) => Buffer.compare(dataKey(a), dataKey(b)));
  const runs = ordered.filter((one, i) => {
    const before = ordered[i - 1];
    return before?.partition !== one.partition || before.bucket !== one.bucket;
  });
  const kinds = new Set(rows.map(({ partition, bucket }) => `${partition} ${bucket}`));
  expect(runs).toHaveLength(kinds.size);
});

test('bucket a with key b/c and bucket a/b with key c never meet', () => {
  const [one, other] = [place('a', 'b/c'), { ...place('a/b', 'c'), ...where(place('a', 'b/c')) }];
  expect(dataKey(one)).not.toEqual(dataKey(other));
  expect(indexKey(one)).not.toEqual(indexKey(other));
  expect(hintKey(nodeName('n'), one)).not.toEqual(hintKey(nodeName('n'), other));
});

function where({ partition, segment }: KeyPlace): Pick<KeyPlace, 'partition' | 'segment'> {
  return { partition, segment };
}

test.each<[what: string, key: Buffer, read: (key: Uint8Array) => unknown]>([
  ['a row', dataKey(place('carts', 'alice')), key => readDataKey(key)],
  ['a row of the index', indexKey(place('carts', 'alice')), key => readIndexKey(key)],
  ['a hint, but for its target', hintKey(nodeName(''), place('carts', 'alice')), key => readHintKey(key)],
])('one flipped bit in the key of %s, and it is nobody’s', (_what, key, read) => {
  // But for the one in 256 that stays in its partition: its row's checksum covers the name.
  expect(read(key)).toBeDefined();
  for (let bit = 0; bit < key.length * 8; bit++) {
    const flipped = Buffer.from(key);
    flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
    expect(read(flipped)).toBeUndefined();
  }
});

test('no bytes make a parser throw, and what it reads is what was there', () => {
  const bytes = fc.tuple(fc.constantFrom(...'ridshnkt'), fc.uint8Array({ maxLength: 40 }));
  fc.assert(
    fc.property(bytes, ([kind, rest]) => {
      const key = Buffer.concat([Buffer.from(kind), rest]);
      const data = readDataKey(key);
      if (data) expect(dataKey(data)).toEqual(key);
      const index = readIndexKey(key);
      if (index) expect(indexKey(index)).toEqual(key);
      const former = readFormerKey(key);
      if (former) expect(formerKey(former)).toEqual(key);
      const hint = readHintKey(key);
      if (hint) expect(hintKey(hint.target, hint.place)).toEqual(key);
      const sum = readSumKey(key);
      if (sum) expect(sumKey(sum)).toEqual(key);
      const known = readKnownKey(key);
      if (known !== undefined) expect(knownKey(known)).toEqual(key);
      const slot = readTrailKey(key);
      if (slot !== undefined) expect(trailKey(slot)).toEqual(key);
    }),
  );
});

test('nothing fits between a key and the one after it', () => {
  const key = Buffer.from('d1');
  expect(Buffer.compare(keyAfter(key), key)).toBe(1);
  expect(Buffer.compare(keyAfter(key), Buffer.from('d1\0'))).toBe(0);
});
