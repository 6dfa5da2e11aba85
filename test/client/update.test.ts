/** Read, merge, write: with others writing in between. */
import { describe, expect, test } from 'vitest';
import { ShoalError } from '../../src/base/errors.ts';
import { type Client, ContendedError, type Value } from '../../src/client/index.ts';
import { clientOf, fakeNodes } from './support/fake-cluster.ts';

/** A value is a set of words; merged, it has them all. */
function plus(word: string): (values: readonly Value[]) => Value {
  return values => {
    const words = values.flatMap(value => String(value).split(' '));
    return [...new Set([...words, word])].sort().join(' ');
  };
}

async function setUp() {
  const nodes = await fakeNodes(1);
  const client = clientOf(nodes);
  return { node: nodes[0]!, client, bucket: client.bucket('carts') };
}

/** Somebody else writes between this client's read and its write, so many times. */
function interfere({ client, times }: { client: Client; times: number }): () => Promise<void> {
  let left = times;
  return async () => {
    if (left === 0) return;
    left -= 1;
    await client.bucket('carts').put('ann', `other${left}`, { blind: true });
  };
}

describe('update', () => {
  test('of an absent key is handed nothing', async () => {
    const { bucket } = await setUp();
    const seen: unknown[] = [];
    await bucket.update('ann', values => {
      seen.push(values);
      return 'eggs';
    });
    expect(seen).toEqual([[]]);
    expect((await bucket.get('ann')).value).toBe('eggs');
  });

  test('is handed all siblings and leaves one value', async () => {
    const { bucket } = await setUp();
    await bucket.put('ann', 'eggs');
    await bucket.put('ann', 'milk', { blind: true });
    const written = await bucket.update('ann', plus('bread'));
    expect(written.siblings).toEqual([]);
    expect((await bucket.get('ann')).value).toBe('bread eggs milk');
  });

  test('merges what others write meanwhile, too', async () => {
    const { bucket, client } = await setUp();
    const somebodyElse = interfere({ client, times: 3 });
    await bucket.update('ann', async values => {
      await somebodyElse();
      return plus('eggs')(values);
    });
    expect((await bucket.get('ann')).value).toBe('eggs other0 other1 other2');
  });

  test('of many at once loses nobody', async () => {
    const { bucket } = await setUp();
    const words = Array.from({ length: 8 }, (_, i) => `w${i}`);
    await Promise.all(words.map(word => bucket.update('ann', plus(word), { rounds: 100 })));
    expect((await bucket.get('ann')).value).toBe(words.join(' '));
  });

  test('gives up after its rounds, and says that it has written', async () => {
    const { bucket, client, node } = await setUp();
    const somebodyElse = interfere({ client, times: 100 });
    const error = await bucket
      .update(
        'ann',
        async () => {
          await somebodyElse();
          return 'mine';
        },
        { rounds: 3 },
      )
      .catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(ContendedError);
    expect((error as ContendedError).written.siblings.map(sibling => sibling.value)).toEqual(['other97']);
    expect(node.heard.filter(({ method }) => method === 'Get')).toHaveLength(3);
  });

  test('whose later round fails says that an earlier one has written', async () => {
    const { bucket, client, node } = await setUp();
    const somebodyElse = interfere({ client, times: 1 });
    let round = 0;
    const error = await bucket
      .update('ann', async () => {
        round += 1;
        await somebodyElse();
        if (round === 2) node.moods = [{ refuse: new ShoalError('RECORD_TOO_LARGE', 'no') }];
        return 'mine';
      })
      .catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(ContendedError);
    expect((error as ContendedError).cause).toMatchObject({ reason: 'RECORD_TOO_LARGE' });
  });

  test('to nothing deletes, and writes nothing where nothing is', async () => {
    const { bucket, node } = await setUp();
    await bucket.update('ann', () => undefined);
    expect(node.heard.map(({ method }) => method)).toEqual(['Get']);
    await bucket.put('ann', 'eggs');
    await bucket.update('ann', () => undefined);
    expect((await bucket.get('ann')).exists).toBe(false);
  });

  test('passes on what the merging throws, having written nothing', async () => {
    const { bucket, node } = await setUp();
    const broken = bucket.update('ann', () => {
      throw new Error('cannot merge');
    });
    await expect(broken).rejects.toThrow('cannot merge');
    expect(node.heard.map(({ method }) => method)).toEqual(['Get']);
  });

  test('hands its quorum on to both halves', async () => {
    const { bucket, node } = await setUp();
    await bucket.update('ann', plus('eggs'), { r: 3, w: 1, strict: true });
    expect(node.heard.map(({ message }) => message)).toMatchObject([
      { r: 3, strict: true },
      { w: 1, strict: true },
    ]);
  });

  test('of no rounds is refused', async () => {
    const { bucket } = await setUp();
    await expect(bucket.update('ann', plus('eggs'), { rounds: 0 })).rejects.toThrow(RangeError);
  });
});
