import { describe, expect, it } from 'vitest';
import { TestCluster } from '../support/cluster.ts';
import { sampleWriteId, texts } from '../support/cluster-client.ts';
import { TestKey } from '../support/cluster-disks.ts';

describe('a put tried again under its write id', () => {
  it('through the same node changes nothing', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    const writeId = sampleWriteId(1);
    await key.put('n1', 'v', { writeId, w: 3 });
    const before = key.digests();
    await key.put('n1', 'v', { writeId, w: 3 });
    expect(key.digests()).toEqual(before);
  });

  it('through another node is one sibling, though the first try is on its way to it', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    const writeId = sampleWriteId(1);
    cluster.hold(({ from, what }) => from === 'n1' && what === 'apply');
    const first = key.putNow('n1', 'v', { writeId });
    await key.put('n2', 'v', { writeId });
    cluster.release();
    await cluster.done(first);
    for (const name of cluster.names) expect(texts(await key.get(name, { r: 3 }))).toEqual(['v']);
    await key.put('n3', 'next', { context: (await key.get('n3', { r: 3 })).context });
    expect(await key.all('n1')).toEqual(['next']);
  });

  it('does not come back once it was overwritten', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    const writeId = sampleWriteId(1);
    const { context } = await key.put('n1', 'old', { writeId });
    await key.put('n2', 'new', { context });
    const retry = await key.put('n3', 'old', { writeId });
    expect(texts(retry)).toEqual(['new']);
    expect(await key.all('n1')).toEqual(['new']);
  });

  it('does not come back once it was deleted', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    const writeId = sampleWriteId(1);
    const { context } = await key.put('n1', 'old', { writeId });
    await key.delete('n2', { context, w: 3 });
    await key.put('n3', 'old', { writeId });
    expect(await key.all('n1')).toEqual([]);
  });

  it('is acknowledged only when what it found is durable', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    const writeId = sampleWriteId(1);
    for (const name of cluster.names) cluster.seat(name).disk.store.holdWrites();
    let acknowledged = 0;
    const count = () => {
      acknowledged += 1;
    };
    const tries = ['n1', 'n1', 'n1'].map(at => key.putNow(at, 'v', { writeId, w: 1 }).then(count));
    await cluster.clock.pass(100);
    expect(acknowledged).toBe(0);
    cluster.seat('n1').disk.store.releaseWrites();
    await cluster.done(Promise.all(tries));
  });
});

it('a late first try of an acknowledged overwrite takes nothing away that came after it', async () => {
  const cluster = await TestCluster.serving(3);
  const key = new TestKey(cluster);
  await key.put('n1', 'zero', { overwrite: true, strict: true, w: 3 });
  for (const other of ['n2', 'n3']) {
    cluster.cut('n1', other);
    cluster.cut(other, 'n1');
  }
  await cluster.clock.pass(3_000);
  const writeId = sampleWriteId(7);
  await key.put('n2', 'old', { overwrite: true, strict: true, writeId });
  await key.put('n3', 'new', { overwrite: true, strict: true });
  cluster.heal();
  await cluster.allSeen();
  await key.put('n1', 'old', { overwrite: true, strict: true, writeId });
  expect(await key.all('n2')).toContain('new');
});

it('a retry does not bring a deleted write back when the wall clocks were set back before it was written (I9)', async () => {
  const cluster = await TestCluster.serving(3);
  const key = new TestKey(cluster);
  for (let i = 0; i < 9; i++) await key.put('n1', `v${i}`, { overwrite: true, w: 3 });
  cluster.clock.wallSetByMs = -600_000;
  for (const name of cluster.names) {
    cluster.stop(name);
    await cluster.restart(name);
    await cluster.allSeen();
  }
  const writeId = sampleWriteId(9);
  const { context } = await key.put('n1', 'old', { writeId, w: 3, context: (await key.get('n1')).context });
  await key.delete('n2', { context, w: 3 });
  await key.put('n3', 'old', { writeId, w: 3 });
  expect(await key.all('n1')).toEqual([]);
});
