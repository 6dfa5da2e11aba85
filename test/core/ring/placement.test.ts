import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digest } from '../../../src/base/hash.ts';
import { PARTITIONS, placeKey, readName, SEGMENTS } from '../../../src/core/ring/placement.ts';

const bucket = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });
const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 250 });
const names = fc.record({ bucket, key });

describe('a key', () => {
  test('never meets the key of another bucket whose names run together to the same text', () => {
    const placed = [
      { bucket: 'a', key: 'b/c' },
      { bucket: 'a/b', key: 'c' },
      { bucket: 'a/', key: 'b/c' },
      { bucket: 'ab', key: '/c' },
    ].map(name => placeKey(name));
    expect(new Set(placed.map(({ name }) => name.toString('hex'))).size).toBe(4);
    expect(new Set(placed.map(({ hash }) => hash.toString('hex'))).size).toBe(4);
  });

  test('has the same bytes as another only if bucket and key are the same', () => {
    const few = fc.constantFrom('a', '/', '\u0001', '\u0003', 'é');
    const short = fc.record({
      bucket: fc.string({ unit: few, maxLength: 4 }),
      key: fc.string({ unit: few, maxLength: 4 }),
    });
    fc.assert(
      fc.property(short, short, (a, b) => {
        const sameBytes = placeKey(a).name.equals(placeKey(b).name);
        expect(sameBytes).toBe(a.bucket === b.bucket && a.key === b.key);
      }),
    );
  });

  test('is found in the first bits of its hash, its segment in the ten after them', () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 0, max: 16 }), (name, bits) => {
        const place = placeKey(name, 2 ** bits);
        const binary = [...digest(place.name)].map(byte => byte.toString(2).padStart(8, '0')).join('');
        expect(place.partition).toBe(Number.parseInt(`0${binary.slice(0, bits)}`, 2));
        expect(place.segment).toBe(Number.parseInt(binary.slice(bits, bits + 10), 2));
      }),
    );
  });

  test('lies where it always lay: a change here would lose every key on disk', () => {
    const { partition, segment, hash, name } = placeKey({ bucket: 'carts', key: 'alice' });
    expect(name.toString('latin1')).toBe('\x05carts\x00\x05alice');
    expect([partition, segment, hash.toString('hex')]).toEqual([185, 88, 'b9163d263d4ff2ed0997188626fd064e']);
  });

  test('of the longest names there may be is placed and read back', () => {
    const longest = { bucket: 'b'.repeat(255), key: 'k'.repeat(1024) };
    expect(readName(placeKey(longest).name)).toEqual(longest);
  });
});

describe('many keys', () => {
  const KEYS = 30_000;
  const placed = Array.from({ length: KEYS }, (_, i) => placeKey({ bucket: 'users', key: `user-${i}` }));

  /**
   * Keys a slot, over what even slots would have: a sum that is near the number of slots when keys fall by
   * chance (χ²).
   */
  function unevenness(slots: readonly number[], count: number): number {
    const counts = Array.from({ length: count }, () => 0);
    for (const slot of slots) counts[slot]! += 1;
    const even = slots.length / count;
    return counts.reduce((sum, found) => sum + (found - even) ** 2 / even, 0);
  }

  test.each([
    ['partitions', PARTITIONS, placed.map(({ partition }) => partition as number)],
    ['segments', SEGMENTS, placed.map(({ segment }) => segment as number)],
    [
      'segments of one partition',
      64,
      placed.filter(({ partition }) => partition === 7).map(({ segment }) => segment >> 4),
    ],
  ])('spread evenly over %s', (_, count, slots) => {
    const deviation = Math.sqrt(2 * (count - 1));
    expect(Math.abs(unevenness(slots, count) - (count - 1))).toBeLessThan(4 * deviation);
  });
});

describe('the names in bytes', () => {
  test('are read back as they were written', () => {
    fc.assert(
      fc.property(names, name => {
        expect(readName(placeKey(name).name)).toEqual(name);
      }),
    );
  });

  test('are read from the middle of other bytes', () => {
    const { name } = placeKey({ bucket: 'a', key: 'b' });
    const within = Buffer.concat([Buffer.from('xx'), name, Buffer.from('yy')]);
    expect(readName(new Uint8Array(within.buffer, within.byteOffset + 2, name.length))).toEqual({
      bucket: 'a',
      key: 'b',
    });
  });

  test('are none when a byte is missing or one too many is there', () => {
    const { name } = placeKey({ bucket: 'carts', key: 'alice' });
    for (let size = 0; size < name.length; size++) expect(readName(name.subarray(0, size))).toBeUndefined();
    expect(readName(Buffer.concat([name, Buffer.from([0])]))).toBeUndefined();
  });

  test('are read or refused whatever the bytes, never with an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
        const found = readName(bytes);
        if (found !== undefined) expect(3 + bytes[0]!).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
