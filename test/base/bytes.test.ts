import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asBuffer, ByteReader, ByteWriter, compareText, EMPTY, equalBytes } from '../../src/base/bytes.ts';

describe('what was written', () => {
  test('is read back, to the last bit of each number', () => {
    const numbers = fc.record({
      u8: fc.nat(255),
      u16: fc.nat(65_535),
      u32: fc.nat(2 ** 32 - 1),
      u53: fc.maxSafeNat(),
      raw: fc.uint8Array({ maxLength: 20 }),
    });
    fc.assert(
      fc.property(numbers, ({ u8, u16, u32, u53, raw }) => {
        const writer = new ByteWriter(15 + raw.length).u8(u8).u16(u16).u32(u32).u53(u53).raw(raw);
        const reader = new ByteReader(writer.bytes);
        expect([reader.u8(), reader.u16(), reader.u32(), reader.u53()]).toEqual([u8, u16, u32, u53]);
        expect(equalBytes(reader.raw(raw.length), raw)).toBe(true);
        expect([reader.bad, reader.remaining]).toEqual([false, 0]);
      }),
    );
  });

  test.each([
    ['latin1', '\u00ff\0a'],
    ['hex', '00ff'],
    ['utf8', 'é€🐟'],
  ] as const)('as %s is the same text again', (encoding, text) => {
    const size = Buffer.byteLength(text, encoding);
    const { bytes } = new ByteWriter(size).text(text, encoding);
    expect(new ByteReader(bytes).text(size, encoding)).toBe(text);
  });
});

describe('a reader of foreign bytes', () => {
  test('never throws, and once it has come up short it stays bad and answers nothing', () => {
    const reads = fc.array(fc.constantFrom('u8', 'u16', 'u32', 'u53', 'raw', 'text'), { maxLength: 20 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), reads, (bytes, kinds) => {
        const reader = new ByteReader(bytes);
        for (const kind of kinds) {
          const bad = reader.bad;
          const answer =
            kind === 'raw'
              ? reader.raw(3).length
              : kind === 'text'
                ? reader.text(3, 'hex')
                : reader[kind as 'u8']();
          if (bad) expect([reader.bad, answer || 0]).toEqual([true, 0]);
        }
      }),
    );
  });

  test.each([
    ['2^53', '0020000000000000'],
    ['2^64 - 1', 'ffffffffffffffff'],
  ])('turns bad on %s: it would wrap (TRAPS C12)', (_, hex) => {
    const reader = new ByteReader(Buffer.from(hex, 'hex'));
    expect([reader.u53(), reader.bad]).toEqual([0, true]);
  });

  test('takes 2^53 - 1', () => {
    expect(new ByteReader(Buffer.from('001fffffffffffff', 'hex')).u53()).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('is not misled by bytes that are a part of a larger buffer', () => {
    const part = new Uint8Array([9, 1, 2, 9]).subarray(1, 3);
    expect(new ByteReader(part).u16()).toBe(0x0102);
    expect(new ByteReader(part).raw(3)).toBe(EMPTY);
  });
});

test('equal bytes are equal whatever memory they lie in', () => {
  const part = new Uint8Array([9, 1, 2, 9]).subarray(1, 3);
  expect(equalBytes(part, Buffer.from([1, 2]))).toBe(true);
  expect(equalBytes(part, Buffer.from([1, 2, 9]))).toBe(false);
  expect(equalBytes(EMPTY, new Uint8Array(0))).toBe(true);
});

test('a Buffer over bytes is no copy', () => {
  const bytes = new Uint8Array([9, 1, 2, 9]).subarray(1, 3);
  asBuffer(bytes)[0] = 7;
  expect(bytes[0]).toBe(7);
});

test('text is ordered as its UTF-8, not as UTF-16 and in no language', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
  expect(['🐟', '\uff5e', 'é', 'Z', 'a'].sort(compareText)).toEqual(['Z', 'a', 'é', '\uff5e', '🐟']);
});
