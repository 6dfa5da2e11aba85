import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../../../src/base/bytes.ts';
import { checksum } from '../../../src/base/hash.ts';
import {
  mergeSealed,
  NO_DIGEST,
  sameDigest,
  seal,
  sealedSize,
  unseal,
} from '../../../src/core/record/codec.ts';
import { NOTHING, type Record } from '../../../src/core/record/record.ts';
import { placeKey } from '../../../src/core/ring/placement.ts';
import { Copy } from '../../support/copy.ts';
import { recordsOf } from '../../support/reachable.ts';

const PLACE = placeKey({ bucket: 'carts', key: 'ann' });
const OTHER = placeKey({ bucket: 'carts', key: 'anne' });
/** Where the vector's count is. */
const PAYLOAD_AT = 21;

/** A record with two siblings, two entries and a remembered write. */
function someRecord(): Record {
  const [a, b] = [new Copy('a'), new Copy('b')];
  a.put('eggs');
  b.put('milk', a.seen);
  b.put('bread');
  return b.record;
}

/** These bytes with a checksum that fits, as no accident but a bug of a peer would make them. */
function withChecksum(bytes: Uint8Array): Uint8Array {
  const sum = checksum(bytes.subarray(5), PLACE.check);
  Buffer.from(bytes.buffer, bytes.byteOffset).writeUInt32BE(sum, 1);
  return bytes;
}

/** The record's bytes changed behind their check. */
function tampered(change: (bytes: Buffer) => void, record = someRecord()): Uint8Array {
  const bytes = Buffer.from(seal(record, PLACE).bytes);
  change(bytes);
  return withChecksum(bytes);
}

describe('a sealed record', () => {
  test('reads back as it was, and its size was known before', () => {
    fc.assert(
      fc.property(recordsOf(1), ([record]) => {
        const { bytes, digest } = seal(record!, PLACE);
        expect(bytes.byteLength).toBe(sealedSize(record!));
        const read = unseal(bytes, PLACE)!;
        expect(JSON.stringify(read.record)).toBe(JSON.stringify(record));
        expect(sameDigest(read.digest, digest)).toBe(true);
      }),
    );
  });

  test('has the same bytes when it is read and sealed again', () => {
    fc.assert(
      fc.property(recordsOf(1), ([record]) => {
        const { bytes } = seal(record!, PLACE);
        expect(seal(unseal(bytes, PLACE)!.record, PLACE).bytes).toEqual(bytes);
      }),
    );
  });

  test('holds counters and times up to 2^53 - 1', () => {
    const record = someRecord();
    const far = Number.MAX_SAFE_INTEGER;
    const dot = { ...record.siblings[0]!.dot, counter: far };
    const last = { ...record, vector: [dot], siblings: [{ ...record.siblings[0]!, dot, writtenAt: far }] };
    expect(unseal(seal(last, PLACE).bytes, PLACE)!.record.siblings[0]).toMatchObject({ dot, writtenAt: far });
  });

  test('has another digest under another key: two keys that swap their values do not cancel out in a sum', () => {
    const record = someRecord();
    expect(sameDigest(seal(record, PLACE).digest, seal(record, OTHER).digest)).toBe(false);
    expect(sameDigest(seal(NOTHING, PLACE).digest, NO_DIGEST)).toBe(false);
  });
});

describe('bytes are refused', () => {
  test('when any one bit of them is flipped', () => {
    const { bytes } = seal(someRecord(), PLACE);
    for (let bit = 0; bit < bytes.byteLength * 8; bit++) {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(unseal(flipped, PLACE), `bit ${bit}`).toBeUndefined();
    }
  });

  test('when they are cut short anywhere, or go on', () => {
    const { bytes } = seal(someRecord(), PLACE);
    for (let size = 0; size < bytes.byteLength; size++) {
      expect(unseal(bytes.subarray(0, size), PLACE), `${size} bytes`).toBeUndefined();
    }
    expect(unseal(Buffer.concat([bytes, Buffer.alloc(1)]), PLACE)).toBeUndefined();
    expect(unseal(withChecksum(Buffer.concat([bytes, Buffer.alloc(1)])), PLACE)).toBeUndefined();
  });

  test('when they are the record of another key, or of a bucket and key whose names run together to the same', () => {
    const { bytes } = seal(someRecord(), placeKey({ bucket: 'a', key: 'b/c' }));
    expect(unseal(bytes, placeKey({ bucket: 'a/b', key: 'c' }))).toBeUndefined();
    expect(unseal(seal(someRecord(), PLACE).bytes, OTHER)).toBeUndefined();
  });

  test('when they are random, without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), noise => {
        expect(unseal(noise, PLACE)).toBeUndefined();
        const plausible = Buffer.concat([Buffer.from([1, 0, 0, 0, 0]), Buffer.alloc(16), noise]);
        expect(() => unseal(withChecksum(plausible), PLACE)).not.toThrow();
      }),
    );
  });

  test('when the check fits but a few bytes of the payload are wrong, without a throw', () => {
    const size = seal(someRecord(), PLACE).bytes.byteLength;
    fc.assert(
      fc.property(fc.integer({ min: PAYLOAD_AT, max: size - 1 }), fc.nat(255), (at, byte) => {
        const read = unseal(
          tampered(bytes => bytes.writeUInt8(byte, at)),
          PLACE,
        );
        // What is still a record is read as one and the same record again.
        if (read) expect(unseal(seal(read.record, PLACE).bytes, PLACE)!.record).toEqual(read.record);
      }),
    );
  });

  test.each(['vector', 'siblings', 'overwritten'] as const)(
    'when they promise four thousand million entries of the %s: nothing is allocated for them',
    list => {
      const { bytes, vectorAt, siblingsAt, overwrittenAt } = layoutOf(NOTHING);
      const at = { vector: vectorAt, siblings: siblingsAt, overwritten: overwrittenAt }[list];
      bytes.writeUInt32BE(0xffffffff, at);
      const before = process.memoryUsage().heapUsed;
      expect(unseal(withChecksum(bytes), PLACE)).toBeUndefined();
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(16 * 1024 * 1024);
    },
  );

  test('when a counter is 2^53 or more: it would wrap (TRAPS C12)', () => {
    for (const high of [0x00200000, 0x7fffffff, 0xffffffff]) {
      expect(
        unseal(
          tampered(bytes => bytes.writeUInt32BE(high, PAYLOAD_AT + 4 + 16)),
          PLACE,
        ),
      ).toBeUndefined();
    }
  });

  test('when a counter in the vector is 0: no write has that name', () => {
    expect(
      unseal(
        tampered(bytes => bytes.fill(0, PAYLOAD_AT + 20, PAYLOAD_AT + 28)),
        PLACE,
      ),
    ).toBeUndefined();
  });

  test('when a list is out of order or says a thing twice: one record has one form', () => {
    const { vector, siblings, overwritten } = someRecord();
    const twice = [...overwritten, ...overwritten];
    for (const record of [
      { vector: [...vector].reverse(), siblings, overwritten },
      { vector: [vector[0]!, ...vector], siblings, overwritten },
      { vector, siblings: [...siblings].reverse(), overwritten },
      { vector, siblings: [siblings[0]!, ...siblings], overwritten },
      { vector, siblings, overwritten: twice },
      { vector, siblings, overwritten: [{ ...overwritten[0]!, writtenAt: 0 }, ...overwritten] },
    ]) {
      expect(unseal(seal(record, PLACE).bytes, PLACE)).toBeUndefined();
    }
  });

  test('when a remembered write says neither yes nor no', () => {
    expect(
      unseal(
        tampered(bytes => bytes.writeUInt8(2, bytes.length - 1)),
        PLACE,
      ),
    ).toBeUndefined();
  });

  test('when there are more than eight remembered writes', () => {
    const { vector, siblings, overwritten } = someRecord();
    const many = Array.from({ length: 9 }, (_, i) => ({ ...overwritten[0]!, writtenAt: 100 - i }));
    expect(unseal(seal({ vector, siblings, overwritten: many.slice(1) }, PLACE).bytes, PLACE)).toBeDefined();
    expect(unseal(seal({ vector, siblings, overwritten: many }, PLACE).bytes, PLACE)).toBeUndefined();
  });

  test('when a sibling stands that the vector has not seen', () => {
    const { siblings, overwritten } = someRecord();
    expect(unseal(seal({ vector: [], siblings, overwritten }, PLACE).bytes, PLACE)).toBeUndefined();
  });

  test('when they are of a format that is not ours', () => {
    expect(
      unseal(
        tampered(bytes => bytes.writeUInt8(2, 0)),
        PLACE,
      ),
    ).toBeUndefined();
  });
});

test('two sealed records merge to what their records merge to, and one that brings nothing leaves the other as it is', () => {
  fc.assert(
    fc.property(recordsOf(2), ([a, b]) => {
      const [one, other] = [seal(a!, PLACE), seal(b!, PLACE)];
      const both = mergeSealed(one, other, PLACE);
      expect(both.bytes).toEqual(mergeSealed(other, one, PLACE).bytes);
      expect(mergeSealed(both, one, PLACE)).toBe(both);
    }),
  );
});

function layoutOf(record: Record) {
  const bytes = new ByteWriter(sealedSize(record)).raw(seal(record, PLACE).bytes).bytes;
  return { bytes, vectorAt: PAYLOAD_AT, siblingsAt: PAYLOAD_AT + 4, overwrittenAt: PAYLOAD_AT + 8 };
}
