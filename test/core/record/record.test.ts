/** What happens to a record, situation by situation. `a`, `b`, `c` are replicas of one key. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { WriteId } from '../../../src/base/ids.ts';
import { merge, NOTHING, OVERWRITTEN_MAX, remove } from '../../../src/core/record/record.ts';
import { Copy } from '../../support/copy.ts';

let a: Copy;
let b: Copy;
let c: Copy;

beforeEach(() => {
  [a, b, c] = [new Copy('a'), new Copy('b'), new Copy('c')];
});

/** Every copy gets what the others have. */
function meet(...copies: readonly Copy[]): void {
  for (const copy of copies) copy.merge(...copies);
}

describe('a put', () => {
  test('of a client that has seen nothing sits beside what is there', () => {
    a.put('eggs');
    a.put('milk');
    expect(a.shows).toEqual(['eggs', 'milk']);
  });

  test('with a context replaces what was shown and nothing else', () => {
    a.put('eggs');
    const { seen } = a;
    a.put('milk');
    a.put('bread', seen);
    expect(a.shows).toEqual(['bread', 'milk']);
  });

  test('through a replica that has not got what its client saw replaces it there too, later', () => {
    a.put('eggs');
    b.put('milk', a.seen);
    expect(b.shows).toEqual(['milk']);
    meet(a, b);
    expect(a.shows).toEqual(['milk']);
  });

  test('at the same time as another leaves both', () => {
    a.put('eggs');
    meet(a, b);
    const { seen } = a;
    a.put('milk', seen);
    b.put('bread', seen);
    meet(a, b);
    expect(a.shows).toEqual(['bread', 'milk']);
  });

  test('beside a write that its client was never shown leaves it, though the same actor made both', () => {
    a.put('eggs');
    const { seen } = a;
    a.put('milk');
    b.merge(a);
    b.put('bread', seen);
    meet(a, b);
    expect(a.shows).toEqual(['bread', 'milk']);
  });
});

describe('a retry', () => {
  test('through the same node changes nothing', () => {
    a.put('eggs');
    const { record } = a;
    a.put('eggs');
    expect(a.record).toBe(record);
  });

  test('through another node is the same write', () => {
    a.put('eggs');
    b.put('eggs');
    meet(a, b);
    expect(a.shows).toEqual(['eggs']);
    expect(a.record.siblings).toHaveLength(2);
  });

  test('of a write that somebody saw and replaced does not come back, even through a node that never heard of it', () => {
    a.put('eggs');
    a.put('milk', a.seen);
    b.put('eggs');
    meet(a, b);
    expect(a.shows).toEqual(['milk']);
  });

  test('of a write that was deleted does not come back', () => {
    a.put('eggs');
    a.delete();
    b.put('eggs');
    meet(a, b);
    expect(b.shows).toEqual([]);
  });

  test('does not come back when it was replaced through a node that never held it', () => {
    // 1. eggs at a. 2. Its reader writes milk through b. 3. The retry of eggs through c, whose dot nobody's
    // vector covers.
    a.put('eggs');
    b.put('milk', a.seen);
    c.put('eggs');
    meet(b, c);
    expect(b.shows).toEqual(['milk']);
  });

  test('does not come back when its reader saw only that it was deleted', () => {
    // 1. eggs at a, deleted there. 2. The retry of eggs through b. 3. A reader of the deleted key writes milk
    // through b.
    a.put('eggs');
    a.delete();
    b.put('eggs');
    b.put('milk', a.seen);
    expect(b.shows).toEqual(['milk']);
  });

  test('shows again as a sibling once more than eight newer writes were replaced: the exception of I9', () => {
    a.put('eggs');
    for (let i = 0; i <= OVERWRITTEN_MAX; i++) a.put(`milk ${i}`, a.seen);
    b.put('eggs');
    meet(a, b);
    expect(a.shows).toEqual(['eggs', `milk ${OVERWRITTEN_MAX}`]);
  });

  test('by a client that has meanwhile seen its own write still stands', () => {
    a.put('eggs');
    b.put('eggs', a.seen);
    meet(a, b);
    expect(b.shows).toEqual(['eggs']);
  });

  test('leaves twins, and the next write takes both away', () => {
    a.put('eggs');
    b.put('eggs');
    meet(a, b);
    a.put('milk', a.seen);
    expect(a.record.siblings).toHaveLength(1);
    meet(a, b);
    expect(b.shows).toEqual(['milk']);
  });

  test('leaves twins, and a blind write beside them drops the hidden one, not the write', () => {
    a.put('eggs');
    b.put('eggs');
    meet(a, b);
    a.put('milk');
    meet(a, b);
    expect(b.shows).toEqual(['eggs', 'milk']);
    expect(b.record.siblings).toHaveLength(2);
  });
});

describe('a delete', () => {
  test('takes away what was shown, and a write beside it stays', () => {
    a.put('eggs');
    const { seen } = a;
    a.put('milk');
    a.delete(seen);
    expect(a.shows).toEqual(['milk']);
  });

  test('twice is once', () => {
    a.put('eggs');
    const { seen } = a;
    a.delete(seen);
    const { record } = a;
    a.delete(seen);
    expect(a.record).toBe(record);
  });

  test('is remembered where the write never was', () => {
    a.put('eggs');
    b.delete(a.seen);
    meet(a, b);
    expect(a.shows).toEqual([]);
  });

  test('of a key that nobody has written leaves no record', () => {
    a.delete();
    expect(a.record).toBe(NOTHING);
  });

  test('and a write of somebody who had not seen it: the write stands', () => {
    a.put('eggs');
    meet(a, b);
    const { seen } = a;
    a.delete(seen);
    b.put('milk', seen);
    meet(a, b);
    expect(a.shows).toEqual(['milk']);
  });
});

describe('an overwrite', () => {
  test('replaces whatever is there', () => {
    a.put('eggs');
    a.put('milk');
    a.overwrite('bread');
    expect(a.shows).toEqual(['bread']);
  });

  test('leaves what it did not meet, until it hears of it', () => {
    b.put('eggs');
    a.overwrite('bread');
    b.merge(a);
    expect(b.shows).toEqual(['bread', 'eggs']);
    a.merge(b);
    a.overwriteUnseen('bread', b.record.siblings);
    meet(a, b);
    expect(b.shows).toEqual(['bread']);
  });

  test('takes out only what was unseen, and a write that came later stays', () => {
    b.put('eggs');
    a.overwrite('bread');
    b.merge(a);
    const unseen = b.record.siblings;
    b.put('milk');
    a.merge(b);
    a.overwriteUnseen('bread', unseen);
    expect(a.shows).toEqual(['bread', 'milk']);
  });

  test('that was replaced meanwhile takes nothing away', () => {
    b.put('eggs');
    a.overwrite('bread');
    b.merge(a);
    const found = b.record.siblings;
    b.put('milk', a.seen);
    a.merge(b);
    a.overwriteUnseen('bread', found);
    expect(a.shows).toEqual(['eggs', 'milk']);
  });

  test('that was replaced takes nothing away: of three, each of which met the next, one is left', () => {
    a.overwrite('bread');
    b.overwrite('milk');
    const [bread, milk] = [a.record, b.record];
    b.merge({ record: bread });
    // Rye replaces bread, which has met milk at b.
    a.overwrite('rye');
    const rye = a.record;
    a.merge(b);
    a.overwriteUnseen('bread', b.record.siblings);
    b.merge(a);
    // Milk has met rye at c.
    c.merge({ record: rye }, { record: milk });
    b.merge(c);
    b.overwriteUnseen('milk', c.record.siblings);
    meet(a, b, c);
    expect(a.shows).not.toEqual([]);
  });

  test('whose retry on its own node was replaced meanwhile takes nothing away', () => {
    // 1. bread overwrites at a and meets milk at b; 2. milk's retry at a overwrites bread; 3. bread's second
    // half comes.
    b.overwrite('milk');
    a.overwrite('bread');
    b.merge(a);
    const unseen = b.record.siblings;
    a.overwrite('milk');
    a.merge(b);
    a.overwriteUnseen('bread', unseen);
    meet(a, b);
    expect(a.shows).toEqual(['milk']);
  });

  test('and another, each taking the other out in the same moment, both stand', () => {
    a.overwrite('bread');
    b.overwrite('milk');
    const [atA, atB] = [a.record, b.record];
    a.merge({ record: atB });
    b.merge({ record: atA });
    const [seenByA, seenByB] = [b.record.siblings, a.record.siblings];
    a.overwriteUnseen('bread', seenByA);
    b.overwriteUnseen('milk', seenByB);
    expect([a.shows, b.shows]).toEqual([['bread'], ['milk']]);
    meet(a, b);
    expect(a.shows).toEqual(['bread', 'milk']);
  });

  test('and another, both retried through another node in the other order, are not both gone', () => {
    a.overwrite('bread');
    a.overwrite('milk');
    b.overwrite('milk');
    b.overwrite('bread');
    meet(a, b);
    expect(a.shows).toEqual(['bread', 'milk']);
  });

  test('that was itself overwritten is not done again by its retry on a node that knows', () => {
    a.overwrite('bread');
    a.overwrite('milk');
    a.overwrite('bread');
    expect(a.shows).toEqual(['milk']);
  });

  test('unseen is no more than that for whoever writes next: a retry of what it replaced is still shown', () => {
    // 1. bread overwrites eggs at a, unseen; 2. the retry of eggs through c; 3. a reader of bread writes milk
    // through b, which holds eggs.
    a.put('eggs');
    b.merge(a);
    a.overwrite('bread');
    c.put('eggs');
    b.put('milk', a.seen);
    expect(b.shows).toEqual(['milk']);
    meet(b, c);
    expect(b.shows).toEqual(['eggs', 'milk']);
  });

  test('without a write, a delete, takes out what it had not seen, for good', () => {
    b.put('eggs');
    a.delete();
    a.merge(b);
    a.overwriteUnseen(undefined, b.record.siblings);
    c.put('eggs');
    meet(a, b, c);
    expect(a.shows).toEqual([]);
  });

  test('that finds nothing unseen leaves the very record', () => {
    a.overwrite('bread');
    const { record } = a;
    a.overwriteUnseen('bread', record.siblings);
    expect(a.record).toBe(record);
  });
});

test('what is shown when a client reads two replicas is what both together show', () => {
  a.put('eggs');
  b.put('milk');
  c.merge({ record: merge(a.record, b.record) });
  expect(c.shows).toEqual(['eggs', 'milk']);
});

test('a forged context of thousands of remembered writes is gone through once, not once for each of them', () => {
  let looks = 0;
  const writes = Array.from({ length: 3000 }, (_, i) => ({
    get writtenAt() {
      looks++;
      return i;
    },
    writeId: `${i}`.padStart(16, '0') as WriteId,
    hides: true,
  }));
  const { overwritten } = remove(NOTHING, { vector: [], writes });
  expect(overwritten).toEqual(writes.slice(-OVERWRITTEN_MAX).reverse());
  expect(looks).toBeLessThan(100 * 3000);
});
