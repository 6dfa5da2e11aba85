import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { incarnation } from '../../../src/base/ids.ts';
import { seal } from '../../../src/core/record/codec.ts';
import { placeKey } from '../../../src/core/ring/placement.ts';
import { decodeRow, encodeRow, glimpseRow, type Row } from '../../../src/core/rows/row.ts';
import { Copy } from '../../support/copy.ts';
import { recordsOf } from '../../support/reachable.ts';

const PLACE = placeKey({ bucket: 'carts', key: 'ann' });
const OTHER = placeKey({ bucket: 'carts', key: 'anne' });

const row: fc.Arbitrary<Row> = fc.record({
  sealed: recordsOf(1).map(([record]) => seal(record!, PLACE)),
  birth: fc.option(
    fc.record({
      incarnation: fc.uint8Array({ minLength: 8, maxLength: 8 }).map(incarnation),
      counter: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    }),
    { nil: undefined },
  ),
  recovering: fc.boolean(),
});

function someBytes(): Uint8Array {
  const copy = new Copy('a');
  copy.put('eggs');
  const birth = { incarnation: incarnation(Buffer.from('8 bytes.')), counter: 7 };
  return encodeRow({ sealed: seal(copy.record, PLACE), birth, recovering: true }, PLACE);
}

test('a row reads back as it was: record, birth and mark', () => {
  fc.assert(
    fc.property(row, before => {
      const after = decodeRow(encodeRow(before, PLACE), PLACE) as Row;
      expect([after.birth, after.recovering]).toEqual([before.birth, before.recovering]);
      expect(after.sealed.bytes).toEqual(before.sealed.bytes);
    }),
  );
});

test('a glimpse of a row shows the digest and the mark that are in it', () => {
  fc.assert(
    fc.property(row, ({ sealed, birth, recovering }) => {
      const glimpse = glimpseRow(encodeRow({ sealed, birth, recovering }, PLACE), PLACE);
      expect(glimpse).toEqual({ digest: sealed.digest, recovering });
    }),
  );
});

describe.each([
  ['read', decodeRow],
  ['glimpsed', glimpseRow],
] as const)('a row that is %s is damaged, never "not found" (I12)', (_, decode) => {
  test('when any one bit of it is flipped: a birth that is wrong would name a write twice', () => {
    const bytes = someBytes();
    for (let bit = 0; bit < bytes.byteLength * 8; bit++) {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(decode(flipped, PLACE), `bit ${bit}`).toBe('damaged');
    }
  });

  test('when it is cut short anywhere', () => {
    const bytes = someBytes();
    for (let size = 0; size < bytes.byteLength; size++) {
      expect(decode(bytes.subarray(0, size), PLACE), `${size} bytes`).toBe('damaged');
    }
  });

  test('when it is the row of another key', () => {
    expect(decode(someBytes(), OTHER)).toBe('damaged');
  });

  test('when it is random, without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        expect(decode(bytes, PLACE)).toBe('damaged');
      }),
    );
  });
});
