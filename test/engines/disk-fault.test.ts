import { describe, expect, it } from 'vitest';
import { seal } from '../../src/core/record/codec.ts';
import { NOTHING } from '../../src/core/record/record.ts';
import { TestCluster } from '../support/cluster.ts';
import { texts } from '../support/cluster-client.ts';
import { TestKey, wrongSums } from '../support/cluster-disks.ts';

/** Three nodes, a value on all, and n1 with a disk that no longer writes. */
async function faultedN1(): Promise<TestKey> {
  const cluster = await TestCluster.serving(3);
  const key = new TestKey(cluster);
  await key.put('n2', 'v', { w: 3 });
  cluster.seat('n1').disk.store.failNextWrite();
  await new TestKey(cluster, 'another').put('n1', 'x');
  await cluster.clock.pass(1);
  expect(cluster.node('n1').overview.status().state).toBe('storage-faulted');
  return key;
}

describe('a node whose disk has failed', () => {
  it('hands writes on and goes on reading', async () => {
    const key = await faultedN1();
    await key.put('n1', 'new', { overwrite: true });
    expect(key.cluster.counted('write.handed-on', 'n1')).toBe(1);
    expect(texts(await key.get('n1'))).toEqual(['new']);
  });

  it('says STORAGE_FAULTED when there is nobody to hand on to, and still reads', async () => {
    const key = await faultedN1();
    for (const name of ['n2', 'n3']) key.cluster.stop(name);
    await key.cluster.knownDown('n2', 'n3');
    await expect(key.put('n1', 'new', { w: 1 })).rejects.toMatchObject({
      reason: 'STORAGE_FAULTED',
      outcome: 'not applied',
    });
    expect(texts(await key.get('n1', { r: 1 }))).toEqual(['v']);
  });

  it('acknowledges nothing to others: its miss is noted', async () => {
    const key = await faultedN1();
    const { replicas } = await key.put('n2', 'new', { overwrite: true, w: 2 });
    expect(replicas.answered).toBe(2);
    await key.cluster.clock.pass(1);
    expect(await key.hints('n2')).toEqual(['n1']);
  });

  it('that failed under a write says so, and that the outcome is unknown', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    cluster.seat('n1').disk.store.failNextWrite();
    await expect(key.put('n1', 'v', { w: 3 })).rejects.toMatchObject({
      reason: 'STORAGE_FAULTED',
      outcome: 'unknown',
    });
    const read = await key.get('n2', { r: 3, strict: true });
    expect(texts(read)).toEqual(['v']);
    expect(read.replicas.unrepaired).toBe(1);
  });

  it('that failed under a write does not keep W others from acknowledging it', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    cluster.seat('n1').disk.store.failNextWrite();
    expect((await key.put('n1', 'v')).replicas.answered).toBe(2);
    expect([...key.digests().keys()]).toEqual(['n2', 'n3']);
  });

  it('whose tables are corrupt takes a write all the same, with its note, and does not answer for it', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    cluster.stop('n3');
    await cluster.knownDown('n3');
    const { store } = cluster.seat('n1').disk;
    store.failReads({ corrupt: true });
    expect((await key.put('n1', 'v')).replicas.answered).toBe(2);
    await expect(key.get('n2', { strict: true })).rejects.toMatchObject({ reason: 'QUORUM_UNREACHABLE' });
    expect(texts(await key.get('n2', { r: 1 }))).toEqual(['v']);
    cluster.seat('n1').disk = { ...cluster.seat('n1').disk, store: store.reopened() };
    expect(await key.hints('n1')).toEqual(['n3']);
  });
});

/** w1 is on n1 and n2, and for a moment n1 cannot read it. */
async function unreadableAtN1(): Promise<TestKey> {
  const cluster = await TestCluster.serving(3);
  const key = new TestKey(cluster);
  cluster.stop('n3');
  await cluster.knownDown('n3');
  await key.put('n1', 'w1', { w: 2 });
  cluster.seat('n1').disk.store.failReads({ corrupt: false });
  return key;
}

const healReads = (key: TestKey) => key.cluster.seat('n1').disk.store.healReads();

describe('a disk that cannot be read for a moment', () => {
  it('loses nothing to a blind put: it is handed on, and both are there', async () => {
    const key = await unreadableAtN1();
    await key.put('n1', 'w2', { w: 1 });
    expect(key.cluster.counted('write.handed-on', 'n1')).toBe(1);
    healReads(key);
    for (const name of ['n1', 'n2'])
      expect(new Set(texts(await key.get(name)))).toEqual(new Set(['w1', 'w2']));
  });

  it('refuses the put, not applied, when there is nobody to hand it on to; the row stays as it was', async () => {
    const key = await unreadableAtN1();
    key.cluster.stop('n2');
    await key.cluster.knownDown('n2');
    const put = key.put('n1', 'w2', { w: 1 });
    await expect(put).rejects.toMatchObject({ reason: 'STORAGE_FAULTED', outcome: 'not applied' });
    healReads(key);
    expect(texts(await key.get('n1', { r: 1 }))).toEqual(['w1']);
  });

  it('refuses reads, records and healing, and marks, doubts and changes nothing', async () => {
    const key = await unreadableAtN1();
    const { cluster, place } = key;
    const { local: replica } = cluster.node('n1');
    const sealed = seal(NOTHING, place);
    const refused = { failure: 'refused', message: expect.stringContaining('the store cannot be read') };
    const call = cluster.callFor(100);
    await expect(replica.read({ place, digestOnly: false }, call)).rejects.toMatchObject(refused);
    const record = { place, record: sealed, standsInFor: undefined };
    await expect(replica.apply(record, call)).rejects.toMatchObject(refused);
    const healing = { place, records: [sealed], complete: true };
    await expect(replica.healed(healing)).rejects.toThrow('the store cannot be read');
    healReads(key);
    expect(key.row('n1')).toMatchObject({ recovering: false });
    expect(cluster.counted('row.damaged', 'n1')).toBe(0);
    expect(await wrongSums(cluster, 'n1')).toEqual([]);
  });
});
