import { describe, expect, it } from 'vitest';
import { type Sent, TestCluster } from '../support/cluster.ts';
import { sampleWriteId, texts } from '../support/cluster-client.ts';
import { TestKey } from '../support/cluster-disks.ts';

/** A value that only n2 holds: nobody else heard of it. */
async function unseenAtN2(): Promise<TestKey> {
  const cluster = await TestCluster.apart(3);
  const key = new TestKey(cluster);
  cluster.cut('n2', 'n1');
  cluster.cut('n2', 'n3');
  await key.put('n2', 'unseen', { w: 1 });
  cluster.heal();
  await cluster.allSeen();
  return key;
}

/** An overwrite through n1 that has met that, and was deleted at n1 by somebody who had not. */
async function replacedAtN1() {
  const key = await unseenAtN2();
  const { cluster } = key;
  const held = new Set(['read']);
  cluster.hold(({ from, to, what }) => from === 'n1' && to === 'n2' && held.has(what));
  const overwrite = key.putNow('n1', 'new', { overwrite: true, w: 3 });
  await cluster.until(() => cluster.calls.at(-1)?.what === 'read', 'n2 is asked');
  held.add('apply');
  await key.delete('n1', { w: 1 });
  cluster.release();
  return { key, overwrite };
}

describe('an overwrite', () => {
  it('replaces what its coordinator shows, in one round', async () => {
    const cluster = await TestCluster.apart(3);
    const key = new TestKey(cluster);
    await key.put('n1', 'one');
    await key.put('n2', 'two');
    expect(texts(await key.put('n3', 'new', { overwrite: true }))).toEqual([]);
    expect(cluster.counted('write.overwrite.second-round')).toBe(0);
    expect(await key.all('n1')).toEqual(['new']);
  });

  it('replaces in a second round what only another replica holds', async () => {
    const key = await unseenAtN2();
    const reply = await key.put('n1', 'new', { overwrite: true, w: 3 });
    expect(texts(reply)).toEqual([]);
    expect(key.cluster.counted('write.overwrite.second-round')).toBe(1);
    expect(await key.all('n3')).toEqual(['new']);
  });

  it('leaves alone what a client wrote after it had seen the overwrite', async () => {
    const key = await unseenAtN2();
    const { cluster } = key;
    // Between the two rounds, when n2 has the overwrite and is about to be asked for the rest.
    cluster.hold(({ from, to, what }) => from === 'n1' && to === 'n2' && what === 'read');
    const overwrite = key.putNow('n1', 'new', { overwrite: true, w: 3 });
    await cluster.until(() => cluster.calls.at(-1)?.what === 'read', 'n2 is asked');
    const seen = await key.get('n2', { r: 1 });
    expect(texts(seen)).toEqual(['new', 'unseen']);
    await key.put('n2', 'later', { context: seen.context });
    cluster.release();
    expect(texts(await cluster.done(overwrite))).toEqual(['later']);
    expect(await key.all('n3')).toEqual(['later']);
  });

  it('leaves alone what came beside it after it was acknowledged, and shows that', async () => {
    const key = await unseenAtN2();
    const { cluster } = key;
    cluster.hold(({ from, to, what }) => from === 'n1' && to === 'n2' && what === 'read');
    const overwrite = key.putNow('n1', 'new', { overwrite: true, w: 3 });
    await cluster.until(() => cluster.calls.at(-1)?.what === 'read', 'n2 is asked');
    await key.put('n2', 'beside');
    cluster.release();
    expect(texts(await cluster.done(overwrite))).toEqual(['beside']);
    expect(await key.all('n3')).toEqual(['beside', 'new']);
  });

  it('takes out what stood there before, also when a put beside it changed that row meanwhile', async () => {
    const key = await unseenAtN2();
    const { cluster } = key;
    cluster.hold(({ from, to, what }) => from === 'n1' && to === 'n2' && what === 'read');
    const overwrite = key.putNow('n1', 'new', { overwrite: true, w: 3 });
    await cluster.until(() => cluster.calls.at(-1)?.what === 'read', 'n2 is asked');
    await key.put('n1', 'beside', { w: 3 });
    cluster.release();
    expect(texts(await cluster.done(overwrite))).toEqual(['beside']);
    for (const node of cluster.names) expect(await key.all(node)).toEqual(['beside', 'new']);
  });

  it('that was itself replaced is not acknowledged while something stands that it was to be rid of (I9)', async () => {
    const { key, overwrite } = await replacedAtN1();
    await expect(key.cluster.done(overwrite)).rejects.toMatchObject({ reason: 'OUTCOME_UNKNOWN' });
    expect(await key.all('n3')).toEqual(['unseen']);
  });

  it('that was itself replaced is acknowledged once somebody else has taken that out', async () => {
    const { key, overwrite } = await replacedAtN1();
    const { cluster } = key;
    let applies = 0;
    const isSecondRound = ({ from, what }: Sent) => from === 'n1' && what === 'apply' && ++applies > 0;
    cluster.hold(isSecondRound);
    await cluster.until(() => applies > 0, 'the second round begins');
    await key.put('n1', 'newer', { overwrite: true, w: 1 });
    cluster.release();
    expect(texts(await cluster.done(overwrite))).toEqual(['newer']);
    for (const node of cluster.names) expect(await key.all(node)).toEqual(['newer']);
  });

  it('has an unknown outcome where it was replaced and something stands that may have been there before', async () => {
    const key = await unseenAtN2();
    const { cluster } = key;
    cluster.hold(({ from, to, what }) => from === 'n1' && to === 'n2' && what === 'read');
    const overwrite = key.putNow('n1', 'new', { overwrite: true, w: 3 });
    await cluster.until(() => cluster.calls.at(-1)?.what === 'read', 'n2 is asked');
    await key.delete('n1', { w: 3, context: (await key.get('n1', { r: 1 })).context });
    cluster.release();
    await expect(cluster.done(overwrite)).rejects.toMatchObject({ reason: 'OUTCOME_UNKNOWN' });
    expect(await key.all('n3')).toEqual(['unseen']);
  });

  it('tried again takes out nothing, but shows what stands beside it', async () => {
    const cluster = await TestCluster.apart(3);
    const key = new TestKey(cluster);
    const writeId = sampleWriteId(1);
    await key.put('n1', 'new', { overwrite: true, w: 3, writeId });
    cluster.cut('n2', 'n1');
    cluster.cut('n2', 'n3');
    await key.put('n2', 'beside', { w: 1 });
    cluster.heal();
    await cluster.allSeen();
    expect(texts(await key.put('n1', 'new', { overwrite: true, w: 3, writeId }))).toEqual(['beside']);
    expect(await key.all('n3')).toEqual(['beside', 'new']);
  });

  it('refused in its second round has an unknown outcome: its first was sent', async () => {
    const key = await unseenAtN2();
    const { cluster } = key;
    cluster.hold(({ from, to, what }) => from === 'n1' && to === 'n2' && what === 'read');
    const overwrite = key.putNow('n1', 'new', { overwrite: true, w: 3 });
    await cluster.until(() => cluster.calls.at(-1)?.what === 'read', 'n2 is asked');
    const { store } = cluster.seat('n1').disk;
    store.failNextWrite();
    await cluster.done(new TestKey(cluster, 'other').putNow('n1', 'x', { w: 1 }).catch(() => undefined));
    cluster.release();
    await expect(cluster.done(overwrite)).rejects.toMatchObject({ outcome: 'unknown' });
  });

  it('does not begin its second round when its client has gone', async () => {
    const key = await unseenAtN2();
    const { cluster } = key;
    const call = cluster.callFor(3_000);
    cluster.hold(({ from, to, what }) => from === 'n1' && to === 'n2' && what === 'read');
    const overwrite = key.putNow('n1', 'new', { overwrite: true, w: 3, call });
    await cluster.until(() => cluster.calls.at(-1)?.what === 'read', 'n2 is asked');
    call.cancelled = true;
    cluster.release();
    await expect(cluster.done(overwrite)).rejects.toMatchObject({ reason: 'OUTCOME_UNKNOWN' });
    expect(cluster.calls.filter(({ what }) => what === 'apply').length).toBe(4);
  });
});
