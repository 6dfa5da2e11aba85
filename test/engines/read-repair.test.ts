import { describe, expect, it } from 'vitest';
import { TestCluster } from '../support/cluster.ts';
import { texts } from '../support/cluster-client.ts';
import { TestKey } from '../support/cluster-disks.ts';

/** A value that only n1 holds: a write that reached nobody else. */
async function onlyAtN1(): Promise<TestKey> {
  const cluster = await TestCluster.apart(3);
  const key = new TestKey(cluster);
  cluster.cut('n1', 'n2');
  cluster.cut('n1', 'n3');
  await key.put('n1', 'v', { w: 1 });
  cluster.heal();
  await cluster.allSeen();
  return key;
}

describe('a read that finds replicas apart', () => {
  it('repairs before it replies, so that no later quorum read shows less (Q5)', async () => {
    const key = await onlyAtN1();
    const read = await key.get('n1', { strict: true });
    expect(texts(read)).toEqual(['v']);
    expect(read.replicas.unrepaired).toBe(0);
    // n1 goes: whoever is left must show it.
    expect(key.digests().size).toBeGreaterThanOrEqual(2);
    key.cluster.stop('n1');
    await key.cluster.knownDown('n1');
    expect(texts(await key.get('n2', { strict: true }))).toEqual(['v']);
  });

  it('has nothing left to repair the next time, nor has anybody else (Q9)', async () => {
    const key = await onlyAtN1();
    await key.get('n1', { r: 3 });
    const repairs = key.cluster.counted('read.repair');
    expect(repairs).toBe(1);
    await key.cluster.clock.pass(100);
    for (const name of key.cluster.names) await key.get(name, { r: 3 });
    expect(key.cluster.counted('read.repair')).toBe(repairs);
    expect(new Set(key.digests().values()).size).toBe(1);
  });

  it('replies only when the repair is durable', async () => {
    const key = await onlyAtN1();
    const { cluster } = key;
    for (const name of ['n2', 'n3']) cluster.seat(name).disk.store.holdWrites();
    let replied = false;
    const read = key.getNow('n1', { r: 2 }).then(reply => {
      replied = true;
      return reply;
    });
    await cluster.clock.pass(500);
    expect(replied).toBe(false);
    cluster.seat('n3').disk.store.releaseWrites();
    expect((await cluster.done(read)).replicas.unrepaired).toBe(0);
  });

  it('succeeds and says so when nobody can be repaired (Q6)', async () => {
    const key = await onlyAtN1();
    for (const name of ['n2', 'n3']) key.cluster.seat(name).disk.store.failNextWrite();
    const read = await key.get('n1', { r: 2 });
    expect(texts(read)).toEqual(['v']);
    expect(read.replicas).toEqual({ required: 2, answered: 2, fallback: 0, unrepaired: 1 });
  });

  it('lets another replica take the place of one that cannot be repaired', async () => {
    const key = await onlyAtN1();
    const [second, third] = key.primaries.filter(name => name !== 'n1') as [string, string];
    key.cluster.seat(second).disk.store.failNextWrite();
    const timers = key.cluster.clock.pending;
    expect((await key.get('n1', { r: 2 })).replicas.unrepaired).toBe(0);
    expect([...key.digests().keys()]).toEqual(['n1', third]);
    expect(key.cluster.clock.pending).toBe(timers);
  });

  it('replies within its deadline when a repair hangs, and says so', async () => {
    const key = await onlyAtN1();
    for (const name of ['n2', 'n3']) key.cluster.seat(name).disk.store.holdWrites();
    const call = key.cluster.callFor(1_000);
    const read = await key.get('n1', { r: 2, call });
    expect(key.cluster.clock.now()).toBeLessThan(call.deadline);
    expect(read.replicas.unrepaired).toBe(1);
  });

  it('merges at the replica: a write that came meanwhile is not overwritten (Q7)', async () => {
    const key = await onlyAtN1();
    const { cluster } = key;
    cluster.hold(({ from, what }) => from === 'n1' && what === 'apply');
    const read = key.getNow('n1', { r: 2 });
    await cluster.until(() => cluster.calls.at(-1)?.what === 'apply', 'the repair is sent');
    await key.put('n2', 'meanwhile', { w: 2 });
    cluster.release();
    await cluster.done(read);
    expect(await key.all('n3')).toEqual(['meanwhile', 'v']);
  });

  it('merges siblings that different replicas hold, and its context covers them all', async () => {
    const key = await onlyAtN1();
    const { cluster } = key;
    cluster.cut('n2', 'n1');
    cluster.cut('n2', 'n3');
    await key.put('n2', 'w', { w: 1 });
    cluster.heal();
    await cluster.allSeen();
    const read = await key.get('n3', { r: 3 });
    expect(texts(read)).toEqual(['v', 'w']);
    await key.put('n3', 'merged', { context: read.context });
    expect(await key.all('n1')).toEqual(['merged']);
  });

  it('and loses one before it could show what it holds asks another in its place', async () => {
    const key = await onlyAtN1();
    const { cluster } = key;
    await key.get('n1', { r: 3 });
    await cluster.clock.pass(100);
    // n3 reads: its own row whole, n1's digest. n1 has more by then, and is gone before it can show it.
    for (const name of ['n1', 'n2'])
      for (const other of cluster.names) if (other !== name) cluster.cut(name, other);
    await key.put('n1', 'newer', { w: 1, overwrite: true });
    await key.put('n2', 'beside', { w: 1 });
    cluster.heal();
    await cluster.allSeen();
    cluster.calls.length = 0;
    cluster.hold(({ to }) => to === 'n1' && cluster.calls.filter(sent => sent.to === 'n1').length === 2);
    const read = key.getNow('n3', { r: 2 });
    await cluster.until(
      () => cluster.calls.filter(({ to }) => to === 'n1').length === 2,
      'n1 is asked to show it',
    );
    cluster.stop('n1');
    cluster.release();
    expect(texts(await cluster.done(read))).toEqual(['beside', 'v']);
  });
});
