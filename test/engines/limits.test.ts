import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { type Actor, incarnation } from '../../src/base/ids.ts';
import { RECORD_BYTES_MAX, SIBLINGS_MAX, VALUE_BYTES_MAX } from '../../src/core/limits.ts';
import { seal } from '../../src/core/record/codec.ts';
import { encodeContext } from '../../src/core/record/context.ts';
import { actorOf } from '../../src/core/record/version-vector.ts';
import { knownRange } from '../../src/replica/layout.ts';
import { TestCluster } from '../support/cluster.ts';
import { TestKey } from '../support/cluster-disks.ts';

async function siblings(count: number): Promise<TestKey> {
  const cluster = await TestCluster.serving(3);
  const key = new TestKey(cluster);
  for (let i = 0; i < count; i++) await key.put('n1', `${i}`, { w: 3 });
  return key;
}

describe('the limit of siblings', () => {
  it('is met exactly, and the way out is a read and a write with its context', async () => {
    const key = await siblings(SIBLINGS_MAX);
    expect((await key.get('n1')).siblings.length).toBe(SIBLINGS_MAX);
    await expect(key.put('n1', 'one more')).rejects.toMatchObject({
      reason: 'TOO_MANY_SIBLINGS',
      outcome: 'not applied',
    });
    await key.put('n2', 'resolved', { context: (await key.get('n2')).context });
    expect(await key.all('n3')).toEqual(['resolved']);
  });

  it('refuses no delete and no overwrite', async () => {
    const key = await siblings(SIBLINGS_MAX);
    await key.put('n3', 'over all', { overwrite: true });
    expect(await key.all('n1')).toEqual(['over all']);
  });

  it('may be exceeded by a merge, and then whatever shrinks it is a way out', async () => {
    const key = await siblings(2);
    const { cluster } = key;
    const two = await key.get('n1');
    for (let i = 2; i < SIBLINGS_MAX - 1; i++) await key.put('n1', `${i}`, { w: 3 });
    const seen = await key.get('n1');
    // In one moment, through three nodes: none of them has seen another's.
    cluster.hold(({ what }) => what === 'apply');
    await cluster.done(Promise.all(cluster.names.map(name => key.putNow(name, `last at ${name}`, { w: 1 }))));
    cluster.release();
    await cluster.clock.pass(100);
    expect((await key.get('n1', { r: 3 })).siblings.length).toBe(SIBLINGS_MAX + 2);
    await expect(key.put('n1', 'one more')).rejects.toMatchObject({ reason: 'TOO_MANY_SIBLINGS' });
    await key.put('n1', 'two less, one more', { context: two.context });
    expect((await key.get('n1', { r: 3 })).siblings.length).toBe(SIBLINGS_MAX + 1);
    await key.put('n1', 'resolved', { context: seen.context });
    expect((await key.get('n1', { r: 3 })).siblings.length).toBe(5);
  });
});

/** A context with more entries than a record may hold, each of an incarnation nobody has heard of. */
function forgedContext({ cluster, place }: TestKey): Uint8Array {
  const vector = Array.from({ length: RECORD_BYTES_MAX / 24 }, (_, i) => ({
    actor: `${i}`.padStart(16, '0').slice(8).padEnd(16, '.') as Actor,
    counter: 1,
  }));
  const { id } = cluster.node('n1').overview.status().cluster!;
  return encodeContext({ vector, writes: [] }, { cluster: id, place });
}

async function incarnationsKnown({ cluster }: TestKey, at: string): Promise<number> {
  return (await cluster.seat(at).disk.store.scan({ ...knownRange(), limit: 1000 })).length;
}

describe('a forged context of more entries than a record may hold', () => {
  const refused = { reason: 'RECORD_TOO_LARGE', outcome: 'not applied' };

  it('is refused with a delete, which would leave it in the row for ever', async () => {
    const key = new TestKey(await TestCluster.serving(3));
    await expect(key.delete('n1', { context: forgedContext(key) })).rejects.toMatchObject(refused);
    expect(key.row('n1')).toBeUndefined();
  });

  it('is refused with a put, and leaves nothing behind of those it names', async () => {
    const key = new TestKey(await TestCluster.serving(3));
    await key.put('n1', 'v', { w: 3 });
    const before = await incarnationsKnown(key, 'n1');
    await expect(key.put('n1', 'w', { context: forgedContext(key) })).rejects.toMatchObject(refused);
    await key.put('n1', 'x', { w: 3 });
    expect(await incarnationsKnown(key, 'n1')).toBe(before);
  });
});

describe('the limit of a record', () => {
  const large = (byte: number) => Buffer.alloc(VALUE_BYTES_MAX - 1_000, byte);

  it('refuses what would exceed it, and lets what shrinks pass', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    const { context } = await key.put('n1', large(1), { w: 3 });
    for (const byte of [2, 3]) await key.put('n1', large(byte), { w: 3 });
    expect(3 * large(1).byteLength).toBeLessThan(RECORD_BYTES_MAX);
    await expect(key.put('n1', large(4))).rejects.toMatchObject({
      reason: 'RECORD_TOO_LARGE',
      outcome: 'not applied',
    });
    await key.put('n1', 'small', { context, w: 3 });
    expect((await key.get('n2')).siblings.length).toBe(3);
  });

  it('may be exceeded by a merge, and then whatever shrinks it is a way out', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    cluster.hold(({ what }) => what === 'apply');
    const { context } = await key.put('n1', large(1), { w: 1 });
    for (const byte of [2, 3]) await key.put('n2', large(byte), { w: 1 });
    for (const byte of [4, 5]) await key.put('n3', large(byte), { w: 1 });
    cluster.release();
    await cluster.clock.pass(100);
    expect((await key.get('n1', { r: 3 })).siblings.length).toBe(5);
    await expect(key.put('n1', large(6))).rejects.toMatchObject({ reason: 'RECORD_TOO_LARGE' });
    await key.put('n1', 'small', { context });
    expect((await key.get('n1', { r: 3 })).siblings.length).toBe(5);
    await key.delete('n1', { context: (await key.get('n2')).context, w: 3 });
    expect(await key.all('n3')).toEqual([]);
  });

  it('refuses no second round of an overwrite, which was sent already', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    cluster.cut('n2', 'n1');
    cluster.cut('n2', 'n3');
    for (const byte of [1, 2, 3]) await key.put('n2', large(byte), { w: 1 });
    cluster.heal();
    await cluster.allSeen();
    await key.put('n1', large(4), { overwrite: true, w: 3 });
    expect((await key.get('n3', { r: 3 })).siblings.length).toBe(1);
  });
});

it('a vector of more than 1 000 entries is counted as an alarm, and never refused', async () => {
  const cluster = await TestCluster.serving(1);
  const key = new TestKey(cluster);
  const life = incarnation(Buffer.alloc(8, 7));
  const vector = Array.from({ length: 1_001 }, (_, i) => ({ actor: actorOf(life, i + 1), counter: i + 1 }));
  const apply = (length: number) => {
    const record = seal({ vector: vector.slice(0, length), siblings: [], overwritten: [] }, key.place);
    return cluster.done(
      cluster
        .node('n1')
        .replica.apply({ place: key.place, record, standsInFor: undefined }, cluster.callFor(1_000)),
    );
  };
  await apply(1_000);
  expect(cluster.counted('vector.long')).toBe(0);
  await apply(1_001);
  expect(cluster.counted('vector.long')).toBe(1);
});
