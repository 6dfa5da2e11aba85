import { describe, expect, it } from 'vitest';
import { TestCluster } from '../support/cluster.ts';
import { texts } from '../support/cluster-client.ts';
import { TestKey } from '../support/cluster-disks.ts';

describe('a delete', () => {
  it('stays, on every node, and a write after it stands alone', async () => {
    const cluster = await TestCluster.apart(3);
    const key = new TestKey(cluster);
    await key.put('n1', 'v');
    await key.delete('n2');
    for (const name of cluster.names) expect(texts(await key.get(name))).toEqual([]);
    await key.put('n3', 'again');
    expect(await key.all('n1')).toEqual(['again']);
  });

  it('with a context leaves the siblings it has not seen, and shows them', async () => {
    const cluster = await TestCluster.apart(3);
    const key = new TestKey(cluster);
    const { context } = await key.put('n1', 'seen');
    await key.put('n2', 'unseen');
    expect(texts(await key.delete('n3', { context }))).toEqual(['unseen']);
    expect(await key.all('n1')).toEqual(['unseen']);
  });

  it('without a context takes what is there, also what only another replica holds', async () => {
    const cluster = await TestCluster.apart(3);
    const key = new TestKey(cluster);
    await key.put('n1', 'everywhere');
    cluster.cut('n2', 'n1');
    cluster.cut('n2', 'n3');
    await key.put('n2', 'only at n2', { w: 1 });
    cluster.heal();
    await cluster.allSeen();
    expect(texts(await key.delete('n1', { w: 3 }))).toEqual([]);
    expect(await key.all('n3')).toEqual([]);
  });

  it('of a key nobody wrote is acknowledged and leaves no row', async () => {
    const cluster = await TestCluster.apart(3);
    const key = new TestKey(cluster);
    expect((await key.delete('n1')).replicas).toMatchObject({ answered: 2, fallback: 0 });
    expect(key.digests().size).toBe(0);
  });

  it('does not come back when a replica that missed it answers a read', async () => {
    const cluster = await TestCluster.apart(3);
    const key = new TestKey(cluster);
    await key.put('n1', 'v', { w: 3 });
    cluster.stop('n3');
    await cluster.knownDown('n3');
    await key.delete('n1');
    await cluster.restart('n3');
    await cluster.allSeen();
    for (const name of ['n3', 'n1', 'n2', 'n3'])
      expect(texts(await key.get(name, { strict: true }))).toEqual([]);
  });

  it('is not acknowledged while what another replica held unseen cannot be asked for', async () => {
    const cluster = await TestCluster.apart(3);
    const key = new TestKey(cluster);
    cluster.cut('n2', 'n1');
    cluster.cut('n2', 'n3');
    await key.put('n2', 'only at n2', { w: 1 });
    cluster.heal();
    await cluster.allSeen();
    // n2 takes the delete, and is gone before it can be asked what else it held.
    cluster.hold(({ from, to, what }) => from === 'n1' && to === 'n2' && what === 'read');
    const deleted = key.deleteNow('n1', { w: 3 });
    await cluster.until(() => cluster.calls.at(-1)?.what === 'read', 'n2 is asked');
    cluster.stop('n2');
    cluster.release();
    await expect(cluster.done(deleted)).rejects.toMatchObject({
      reason: 'OUTCOME_UNKNOWN',
      outcome: 'unknown',
    });
  });
});

describe('a strict delete without a context', () => {
  it('does not take the word of a recovering replica that nothing stands beside it', async () => {
    const cluster = await TestCluster.apart(3);
    const key = new TestKey(cluster);
    // Acknowledged by n1 and n2; n3 has not got it.
    cluster.cut('n1', 'n3');
    await key.put('n1', 'v', { w: 2 });
    cluster.heal();
    cluster.hold(({ what }) => what === 'scan');
    cluster.stop('n1');
    await cluster.restart('n1', { wiped: true });
    await cluster.allSeen();
    // n3 knows nothing, and n1 has forgotten: only n2 can tell what is to be deleted.
    cluster.pause('n2');
    const call = cluster.callFor(500);
    await expect(key.delete('n3', { w: 2, strict: true, call })).rejects.toMatchObject({
      outcome: 'unknown',
    });
    cluster.resume('n2');
    await cluster.allSeen();
    await key.delete('n3', { w: 2, strict: true });
    expect(texts(await key.get('n3', { strict: true }))).toEqual([]);
    cluster.release();
  });
});
