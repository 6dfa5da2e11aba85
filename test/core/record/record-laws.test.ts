/**
 * The laws that every record that can come about obeys (I6); the situations are in record.test.ts, the
 * protocols in test/model.
 */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sameDigest, seal } from '../../../src/core/record/codec.ts';
import {
  knowsWrite,
  merge,
  NOTHING,
  OVERWRITTEN_MAX,
  put,
  type Record,
  remove,
  seenOf,
  view,
} from '../../../src/core/record/record.ts';
import { covers, descends } from '../../../src/core/record/version-vector.ts';
import { placeKey } from '../../../src/core/ring/placement.ts';
import { Copy } from '../../support/copy.ts';
import { history, recordsOf } from '../../support/reachable.ts';

const PLACE = placeKey({ bucket: 'laws', key: 'k' });

describe('merging', () => {
  test('is the same in either order', () => {
    fc.assert(
      fc.property(recordsOf(2), ([a, b]) => {
        expect(merge(a!, b!)).toEqual(merge(b!, a!));
      }),
    );
  });

  test('is the same in any grouping', () => {
    fc.assert(
      fc.property(recordsOf(3), ([a, b, c]) => {
        expect(merge(merge(a!, b!), c!)).toEqual(merge(a!, merge(b!, c!)));
      }),
    );
  });

  test('with what is contained already gives back the very record', () => {
    fc.assert(
      fc.property(recordsOf(2), ([a, b]) => {
        const both = merge(a!, b!);
        expect(merge(both, a!)).toBe(both);
        expect(merge(both, structuredClone(both))).toBe(both);
        expect(merge(both, NOTHING)).toBe(both);
      }),
    );
  });
});

describe('a record', () => {
  test('has seen every sibling that stands in it, and lists are sorted, each thing once', () => {
    fc.assert(
      fc.property(history, records => {
        for (const { vector, siblings, overwritten } of records) {
          expect(siblings.every(({ dot }) => covers(vector, dot))).toBe(true);
          const names = siblings.map(({ dot }) => `${dot.actor}${String(dot.counter).padStart(16, '0')}`);
          expect(names).toEqual([...new Set(names)].sort());
          expect(overwritten.length).toBeLessThanOrEqual(OVERWRITTEN_MAX);
          const times = overwritten.map(({ writtenAt }) => writtenAt);
          expect(times).toEqual([...times].sort((x, y) => y - x));
        }
      }),
    );
  });

  test('equals another exactly if their bytes and digests are equal', () => {
    fc.assert(
      fc.property(recordsOf(2), ([a, b]) => {
        const [one, other] = [seal(a!, PLACE), seal(b!, PLACE)];
        const equal = JSON.stringify(a) === JSON.stringify(b);
        expect(Buffer.compare(one.bytes, other.bytes) === 0).toBe(equal);
        expect(sameDigest(one.digest, other.digest)).toBe(equal);
      }),
    );
  });

  test('that was put together in two orders has the same bytes', () => {
    fc.assert(
      fc.property(recordsOf(3), ([a, b, c]) => {
        const [one, other] = [merge(merge(c!, a!), b!), merge(b!, merge(a!, c!))];
        expect(seal(one, PLACE).bytes).toEqual(seal(other, PLACE).bytes);
      }),
    );
  });

  test('shows each write once, and none that hides', () => {
    fc.assert(
      fc.property(recordsOf(1), ([record]) => {
        const ids = view(record!).map(({ writeId }) => writeId);
        const hidden = record!.overwritten.filter(({ hides }) => hides).map(({ writeId }) => writeId);
        expect(ids).toHaveLength(new Set(ids).size);
        expect(hidden.filter(id => ids.includes(id))).toEqual([]);
      }),
    );
  });
});

describe('a write', () => {
  test('only ever adds to what has been seen', () => {
    fc.assert(
      fc.property(recordsOf(2), ([here, read]) => {
        const after = putAt(here!, read!);
        expect(descends(after.vector, here!.vector) && descends(after.vector, read!.vector)).toBe(true);
        expect(merge(after, here!)).toEqual(after);
      }),
    );
  });

  test('leaves nothing standing that its client was shown, and everything else', () => {
    fc.assert(
      fc.property(recordsOf(2), ([here, read]) => {
        const shown = new Set(view(read!).map(({ writeId }) => writeId));
        const before = view(merge(here!, read!)).map(({ writeId }) => writeId);
        const after = view(merge(putAt(here!, read!), read!)).map(({ writeId }) => writeId);
        for (const id of before) expect(after.includes(id)).toBe(!shown.has(id));
      }),
    );
  });

  test('put again changes nothing, wherever it is known', () => {
    fc.assert(
      fc.property(recordsOf(2), ([here, read]) => {
        const after = putAt(here!, read!);
        for (const { writeId } of [...after.siblings, ...after.overwritten]) {
          expect(knowsWrite(after, writeId)).toBe(true);
          const write = { ...NEW.siblings[0]!, writeId };
          expect(put(after, { seen: seenOf(read!), write })).toBe(after);
        }
      }),
    );
  });
});

test('a delete of what was shown leaves nothing, and a second one changes nothing', () => {
  fc.assert(
    fc.property(recordsOf(2), ([here, read]) => {
      const after = remove(here!, seenOf(read!));
      expect(remove(after, seenOf(read!))).toBe(after);
      expect(view(remove(read!, seenOf(read!)))).toEqual([]);
    }),
  );
});

const NEW: Record = (() => {
  const writer = new Copy('new');
  writer.put('new');
  return writer.record;
})();

/** A put at `here` by a client that has read `read`. */
function putAt(here: Record, read: Record): Record {
  return put(here, { seen: seenOf(read), write: NEW.siblings[0]! });
}
