/** Many keys in one call. */
import { describe, expect, test } from 'vitest';
import type { ShoalError } from '../../src/base/errors.ts';
import { AT_ONCE, atOnceOf, many } from '../../src/client/many.ts';
import { clientOf, fakeNodes } from './support/fake-cluster.ts';
import { VirtualSurroundings } from './support/virtual-surroundings.ts';

async function setUp() {
  const nodes = await fakeNodes(1);
  const client = clientOf(nodes);
  return { node: nodes[0]!, bucket: client.bucket('carts') };
}

describe('putMany and getMany', () => {
  test('have a result for each key, in order, the absent ones too', async () => {
    const { bucket } = await setUp();
    const written = await bucket.putMany([
      { key: 'ann', value: 'eggs' },
      { key: 'bob', value: Uint8Array.of(1) },
    ]);
    expect(written.map(({ key, ok }) => [key, ok])).toEqual([
      ['ann', true],
      ['bob', true],
    ]);
    const got = await bucket.getMany(['bob', 'cid', 'ann', 'bob']);
    expect(got.map(item => item.ok && item.entry.value)).toEqual([
      Uint8Array.of(1),
      undefined,
      'eggs',
      Uint8Array.of(1),
    ]);
    expect(await bucket.getMany([])).toEqual([]);
  });

  test('tell of each failure by itself, and do the others', async () => {
    const { bucket } = await setUp();
    const written = await bucket.putMany([
      { key: '', value: 'eggs' },
      { key: 'bob', value: 7 as never },
      { key: 'cid', value: 'milk' },
    ]);
    expect(written.map(item => (item.ok ? 'written' : item.error.reason))).toEqual([
      'BAD_KEY',
      'BAD_VALUE',
      'written',
    ]);
    const got = await bucket.getMany(['', 'cid']);
    expect(got.map(item => (item.ok ? item.entry.value : item.error.reason))).toEqual(['BAD_KEY', 'milk']);
  });

  test('write over, beside or after what is there, each as it says', async () => {
    const { bucket } = await setUp();
    await bucket.putMany(['ann', 'bob', 'cid'].map(key => ({ key, value: 'old' })));
    const after = await bucket.get('cid');
    await bucket.put('cid', 'unseen', { blind: true });
    await bucket.putMany([
      { key: 'ann', value: 'new' },
      { key: 'bob', value: 'new', blind: true },
      { key: 'cid', value: 'new', after },
    ]);
    const got = await bucket.getMany(['ann', 'bob', 'cid']);
    expect(got.map(item => item.ok && item.entry.values)).toEqual([
      ['new'],
      ['old', 'new'],
      ['unseen', 'new'],
    ]);
  });

  test('what is a mistake of the program is thrown', async () => {
    const { bucket, node } = await setUp();
    await expect(bucket.getMany(['ann'], { deadlineMs: -1 })).rejects.toThrow(RangeError);
    const after = await bucket.get('ann');
    const both = { key: 'ann', value: '', after, blind: true };
    await expect(bucket.putMany([both])).rejects.toThrow(TypeError);
    expect(node.heard).toHaveLength(1);
  });
});

describe('how many are done at once', () => {
  test('a bounded number, whatever there is to do', async () => {
    const world = new VirtualSurroundings();
    let [now, most] = [0, 0];
    const one = async (item: number) => {
      now += 1;
      most = Math.max(most, now);
      await world.sleep(1);
      now -= 1;
      return item * 2;
    };
    const items = Array.from({ length: 1000 }, (_, i) => i);
    const results = await world.until(many(items, { deadlineMs: 5000, surroundings: world }, one));
    expect(results).toEqual(items.map(item => item * 2));
    expect(most).toBe(AT_ONCE);
  });

  test('fewer where the values are large: what waits in this process has an end', async () => {
    const world = new VirtualSurroundings();
    const entries = Array.from({ length: 300 }, (_, i) => ({ key: `k${i}`, value: 'small' }));
    const large = [...entries, { key: 'large', value: new Uint8Array(1024 * 1024) }];
    expect([atOnceOf([]), atOnceOf(entries), atOnceOf(large)]).toEqual([AT_ONCE, AT_ONCE, 16]);
    expect(atOnceOf([{ key: 'k', value: 'x'.repeat(64 * 1024 * 1024) }])).toBe(1);
    expect(atOnceOf([{ key: 'k', value: undefined as never }])).toBe(AT_ONCE);
    let begun = 0;
    const one = async () => {
      begun += 1;
      await world.sleep(1);
    };
    const done = many(large, { deadlineMs: 5000, surroundings: world, atOnce: atOnceOf(large) }, one);
    expect(begun).toBe(16);
    await world.until(done);
  });

  test('those that could not be begun in time have expired, and were not sent', async () => {
    const world = new VirtualSurroundings();
    let begun = 0;
    const one = async (_: number, rest: () => number) => {
      try {
        rest();
      } catch (error) {
        return (error as ShoalError).reason;
      }
      begun += 1;
      await world.sleep(10);
      return 'done';
    };
    const items = Array.from({ length: AT_ONCE + 3 }, (_, i) => i);
    const results = await world.until(many(items, { deadlineMs: 10, surroundings: world }, one));
    expect([begun, results.slice(-4)]).toEqual([AT_ONCE, ['done', 'EXPIRED', 'EXPIRED', 'EXPIRED']]);
  });
});
