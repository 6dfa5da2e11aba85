import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShoalError } from '../../../src/base/errors.ts';
import { checksum } from '../../../src/base/hash.ts';
import { clusterId, type Incarnation } from '../../../src/base/ids.ts';
import { type ContextOf, decodeContext, encodeContext } from '../../../src/core/record/context.ts';
import { type Seen, seenOf } from '../../../src/core/record/record.ts';
import { actorOf } from '../../../src/core/record/version-vector.ts';
import { placeKey } from '../../../src/core/ring/placement.ts';
import { Copy, idOf } from '../../support/copy.ts';
import { recordsOf } from '../../support/reachable.ts';

const OF: ContextOf = {
  cluster: clusterId('00112233445566ff'),
  place: placeKey({ bucket: 'carts', key: 'ann' }),
};
const PAYLOAD_AT = 13;

function someContext(): Buffer {
  const copy = new Copy('a');
  copy.put('eggs');
  copy.put('milk');
  return Buffer.from(encodeContext(copy.seen, OF));
}

function refused(bytes: Uint8Array, of = OF): string {
  try {
    decodeContext(bytes, of);
  } catch (error) {
    if (error instanceof ShoalError) return `${error.reason} (${error.outcome})`;
    throw error;
  }
  return 'accepted';
}

/** The context's bytes changed behind their check. */
function tampered(change: (bytes: Buffer) => void, bytes = someContext()): Uint8Array {
  change(bytes);
  bytes.writeUInt32BE(checksum(bytes.subarray(5), OF.place.check), 1);
  return bytes;
}

describe('a context', () => {
  test('reads back as it was', () => {
    fc.assert(
      fc.property(recordsOf(1), ([record]) => {
        const seen = seenOf(record!);
        expect(decodeContext(encodeContext(seen, OF), OF)).toEqual(seen);
      }),
    );
  });

  test('of a key that nobody has written is a context too', () => {
    const nothing: Seen = { vector: [], writes: [] };
    expect(decodeContext(encodeContext(nothing, OF), OF)).toEqual(nothing);
  });

  test('of 10 000 actors and 10 000 shown writes is accepted: what this cluster issued is never refused for its size', () => {
    const vector = Array.from({ length: 10_000 }, (_, i) => ({
      actor: actorOf(String(i).padStart(8, '0') as Incarnation, i + 1),
      counter: i + 1,
    }));
    const writes = vector.map(({ counter }) => ({
      writtenAt: counter,
      writeId: idOf(`${counter}`),
      hides: true,
    }));
    expect(decodeContext(encodeContext({ vector, writes }, OF), OF)).toEqual({ vector, writes });
  });
});

describe('BAD_CONTEXT, and nothing is applied', () => {
  const BAD = 'BAD_CONTEXT (not applied)';

  test('when any one bit of it is flipped', () => {
    const bytes = someContext();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(refused(flipped), `bit ${bit}`).toBe(BAD);
    }
  });

  test('when it is cut short anywhere, or goes on', () => {
    const bytes = someContext();
    for (let size = 0; size < bytes.length; size++) expect(refused(bytes.subarray(0, size))).toBe(BAD);
    const longer = Buffer.concat([bytes, Buffer.alloc(1)]);
    expect(refused(longer)).toBe(BAD);
    expect(refused(tampered(() => {}, longer))).toBe(BAD);
  });

  test('when it is random', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
        expect(refused(bytes)).toBe(BAD);
        expect(refused(Buffer.concat([someContext().subarray(0, PAYLOAD_AT), bytes]))).toBe(BAD);
      }),
    );
  });

  test('when it comes from another cluster', () => {
    expect(refused(someContext(), { ...OF, cluster: clusterId('00112233445566fe') })).toBe(BAD);
  });

  test('when it belongs to another key, or another bucket', () => {
    expect(refused(someContext(), { ...OF, place: placeKey({ bucket: 'carts', key: 'bob' }) })).toBe(BAD);
    expect(refused(someContext(), { ...OF, place: placeKey({ bucket: 'cart', key: 'ann' }) })).toBe(BAD);
  });

  test('when a counter is 2^53 or more, or all ones (TRAPS C12)', () => {
    for (const high of [0x00200000, 0xffffffff]) {
      expect(refused(tampered(bytes => bytes.writeUInt32BE(high, PAYLOAD_AT + 4 + 16)))).toBe(BAD);
    }
  });

  test('when it promises four thousand million entries', () => {
    expect(refused(tampered(bytes => bytes.writeUInt32BE(0xffffffff, PAYLOAD_AT)))).toBe(BAD);
  });

  test('when an actor comes twice', () => {
    const copy = new Copy('a');
    copy.put('eggs');
    const { vector, writes } = copy.seen;
    expect(refused(encodeContext({ vector: [...vector, ...vector], writes }, OF))).toBe(BAD);
  });
});
