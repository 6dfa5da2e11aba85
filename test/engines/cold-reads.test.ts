import { expect, it } from 'vitest';
import { TestCluster } from '../support/cluster.ts';
import { texts } from '../support/cluster-client.ts';
import { TestKey } from '../support/cluster-disks.ts';

const COLD_MS = 3;

/** From now on a row of n1 that was not warmed holds its loop up, as the clock tells. */
function chill(cluster: TestCluster) {
  const { store } = cluster.seat('n1').disk;
  const [get, now] = [store.get.bind(store), cluster.clock.now.bind(cluster.clock)];
  const reads = { warmed: 0, cold: 0, lostMs: 0 };
  let warm = false;
  cluster.clock.now = () => now() + reads.lostMs;
  store.warm = async () => {
    reads.warmed += 1;
    await Promise.resolve();
    warm = true;
  };
  store.get = key => {
    if (!warm) {
      reads.cold += 1;
      reads.lostMs += COLD_MS;
    }
    warm = false;
    return get(key);
  };
  return reads;
}

it('a node whose disk is slow to read stops waiting for it on its loop, for reads, writes and what peers send', async () => {
  const cluster = await TestCluster.serving(3);
  const key = new TestKey(cluster);
  await key.put('n1', 'v', { w: 3 });
  const reads = chill(cluster);
  for (let i = 0; i < 60; i++) await key.get('n1');
  const { cold } = reads;
  expect(cold).toBeLessThan(60);
  await key.get('n1');
  const { context } = await key.get('n1');
  const before = reads.warmed;
  await key.put('n1', 'w', { context, w: 3 });
  await key.put('n2', 'x', { w: 3 });
  await key.delete('n1', { context, w: 3 });
  expect(reads.warmed - before).toBe(3);
  expect(reads.cold).toBe(cold);
  expect(texts(await key.get('n1'))).toEqual(['w', 'x']);
});

it('a write whose client has gone by the time its row is warm is not applied', async () => {
  const cluster = await TestCluster.serving(3);
  const key = new TestKey(cluster);
  await key.put('n1', 'v', { w: 3 });
  chill(cluster);
  for (let i = 0; i < 60; i++) await key.get('n1');
  const call = cluster.callFor(60_000);
  const put = key.putNow('n1', 'late', { call });
  call.cancelled = true;
  await expect(cluster.done(put)).rejects.toMatchObject({ reason: 'EXPIRED', outcome: 'not applied' });
  expect(await key.all('n2')).toEqual(['v']);
});

it.each([
  ['its sender has given it up', { cancelled: true, lateMs: 0 }],
  ['its deadline has passed', { cancelled: false, lateMs: 100 }],
])(
  'what a peer asks is refused and not applied when, by the time its row is warm, %s',
  async (_, happened) => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    cluster.cut('n2', 'n1');
    await key.put('n2', 'v', { w: 2 });
    const row = key.row('n2');
    if (row === undefined || row === 'damaged') throw new Error('n2 holds the row');
    const reads = chill(cluster);
    for (let i = 0; i < 60; i++) await new TestKey(cluster, 'other').get('n1');
    const [{ replica }, { place }, { warmed }] = [cluster.node('n1'), key, reads];
    const [toApply, toRead] = [cluster.callFor(100), cluster.callFor(100)];
    const applied = replica.apply({ place, record: row.sealed, standsInFor: undefined }, toApply);
    const read = Promise.resolve(replica.read({ place: { ...place }, digestOnly: false }, toRead));
    const refused = Promise.all(
      [applied, read].map(each => expect(each).rejects.toMatchObject({ failure: 'refused' })),
    );
    for (const call of [toApply, toRead]) call.cancelled = happened.cancelled;
    reads.lostMs += happened.lateMs;
    await cluster.done(refused);
    expect(reads.warmed - warmed).toBe(2);
    expect(key.row('n1')).toBeUndefined();
  },
);
