import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addRow,
  addSum,
  decodeSum,
  emptySum,
  encodeSum,
  isEmptySum,
  rowsOf,
  type SegmentSum,
  sameSum,
  subtractRow,
} from '../../../src/core/rows/segment-sums.ts';

const digests = fc.array(fc.uint8Array({ minLength: 16, maxLength: 16 }), { maxLength: 20 });
const key = Buffer.from('s0000');

function sumOf(rows: readonly Uint8Array[]): SegmentSum {
  const sum = emptySum();
  for (const row of rows) addRow(sum, row);
  return sum;
}

test('rows add up to the same sum in any order', () => {
  fc.assert(
    fc.property(digests, rows => {
      expect(sumOf(rows.toReversed())).toEqual(sumOf(rows));
    }),
  );
});

test('counting out what was counted in leaves no trace, also where lanes wrap', () => {
  fc.assert(
    fc.property(digests, digests, (stay, go) => {
      const sum = sumOf([...stay, ...go]);
      for (const row of go) subtractRow(sum, row);
      expect(sum).toEqual(sumOf(stay));
    }),
  );
});

test('the sum of a partition is the sum of its segments', () => {
  fc.assert(
    fc.property(digests, digests, (here, there) => {
      const sum = sumOf(here);
      addSum(sum, sumOf(there));
      expect(sum).toEqual(sumOf([...here, ...there]));
    }),
  );
});

test('a row that is there twice is not a row that is not there', () => {
  const row = Buffer.alloc(16, 0x80);
  expect(isEmptySum(sumOf([row, row]))).toBe(false);
  expect(rowsOf(sumOf([row, row]))).toBe(2);
});

test('two rows that swap a quarter of their digests make another sum', () => {
  const sum = sumOf([Buffer.from('11112222333344441111222233334444', 'hex')]);
  const swapped = sumOf([Buffer.from('33334444111122221111222233334444', 'hex')]);
  expect(sameSum(sum, swapped)).toBe(false);
});

test('a sum comes back from its bytes', () => {
  fc.assert(
    fc.property(digests, rows => {
      const value = encodeSum(sumOf(rows), key);
      expect(decodeSum({ key, value })).toEqual(sumOf(rows));
    }),
  );
});

test('one flipped bit, a missing byte or another segment: the sum is damaged', () => {
  const value = Buffer.from(encodeSum(sumOf([Buffer.alloc(16, 7)]), key));
  for (let bit = 0; bit < value.length * 8; bit++) {
    const flipped = Buffer.from(value);
    flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
    expect(decodeSum({ key, value: flipped })).toBeUndefined();
  }
  for (let size = 0; size < value.length; size++) {
    expect(decodeSum({ key, value: value.subarray(0, size) })).toBeUndefined();
  }
  expect(decodeSum({ key: Buffer.from('s0001'), value })).toBeUndefined();
});
