import { describe, expect, it } from 'vitest';
import { TestCluster } from '../support/cluster.ts';
import { texts } from '../support/cluster-client.ts';
import { TestKey } from '../support/cluster-disks.ts';

/** Whether it has come to its end by now. */
function watched<T>(promise: Promise<T>): { readonly promise: Promise<T>; over: boolean } {
  const watch = { promise, over: false };
  const end = () => {
    watch.over = true;
  };
  promise.then(end, end);
  return watch;
}

describe('an acknowledgement', () => {
  it('counts only after its durable commit: with one disk stalled W = 2 is met, with two it is not (I4)', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    const hold = (name: string) => cluster.seat(name).disk.store.holdWrites();
    hold('n1');
    await key.put('n1', 'first');
    expect(key.row('n1')).toBeUndefined();
    hold('n2');
    const second = watched(key.putNow('n3', 'second'));
    await cluster.clock.pass(1_000);
    expect(second.over).toBe(false);
    cluster.seat('n2').disk.store.releaseWrites();
    expect((await cluster.done(second.promise)).replicas.answered).toBe(2);
  });

  it('of an apply that changes nothing waits for the row it found', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    cluster.cut('n1', 'n2');
    await key.put('n1', 'v', { w: 1 });
    const row = key.row('n1');
    if (row === undefined || row === 'damaged') throw new Error('n1 holds the row');
    cluster.seat('n2').disk.store.holdWrites();
    const request = { place: key.place, record: row.sealed, standsInFor: undefined };
    const { replica } = cluster.node('n2');
    const applies = [0, 1].map(() => watched(replica.apply(request, cluster.callFor(500))));
    await cluster.clock.pass(100);
    expect(applies.map(({ over }) => over)).toEqual([false, false]);
    cluster.seat('n2').disk.store.releaseWrites();
    await cluster.done(Promise.all(applies.map(({ promise }) => promise)));
    expect(key.row('n2')).toBeDefined();
  });

  it('is not given by a put whose disk stalls beyond the deadline, and no note is left for the node itself', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    cluster.seat('n1').disk.store.holdWrites();
    await expect(key.put('n1', 'v', { w: 3 })).rejects.toMatchObject({ reason: 'OUTCOME_UNKNOWN' });
    cluster.seat('n1').disk.store.releaseWrites();
    await cluster.clock.pass(100);
    expect(await key.hints('n1')).toEqual([]);
    expect(await key.all('n2')).toEqual(['v']);
  });
});

describe('a read', () => {
  it('answers only from a durable row', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    cluster.seat('n1').disk.store.holdWrites();
    const put = key.putNow('n1', 'v', { w: 3 });
    const read = watched(key.getNow('n1', { r: 3 }));
    await cluster.clock.pass(500);
    expect(read.over).toBe(false);
    cluster.seat('n1').disk.store.releaseWrites();
    expect(texts(await cluster.done(read.promise))).toEqual(['v']);
    await cluster.done(put);
  });

  it('is refused, not broken, by a replica whose disk fails under the row it waits for', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    const { store } = cluster.seat('n1').disk;
    store.holdWrites();
    const put = key.putNow('n1', 'v', { w: 1 });
    const { replica } = cluster.node('n1');
    const read = Promise.resolve(replica.read({ place: key.place, digestOnly: false }, cluster.callFor(500)));
    store.failNextWrite();
    store.releaseWrites();
    await expect(cluster.done(read)).rejects.toMatchObject({ name: 'ReplicaFailed', failure: 'refused' });
    await cluster.done(put);
    expect(texts(await key.get('n1'))).toEqual(['v']);
  });

  it('ends with its deadline though its own disk stalls', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    cluster.seat('n1').disk.store.holdWrites();
    const put = key.putNow('n1', 'v', { w: 2 });
    await cluster.done(put);
    const call = cluster.callFor(500);
    await expect(key.get('n1', { r: 3, call })).rejects.toMatchObject({ reason: 'QUORUM_UNREACHABLE' });
    expect(cluster.clock.now()).toBeLessThanOrEqual(call.deadline);
  });
});
