import { describe, expect, it } from 'vitest';
import { dataKey } from '../../src/replica/layout.ts';
import { TestCluster } from '../support/cluster.ts';
import { texts } from '../support/cluster-client.ts';
import { TestKey, wrongSums } from '../support/cluster-disks.ts';

/** A value on all three nodes, and a flipped bit in n1's row. */
async function damagedAtN1(): Promise<TestKey> {
  const cluster = await TestCluster.apart(3);
  const key = new TestKey(cluster);
  await key.put('n2', 'v', { w: 3 });
  key.damage('n1');
  expect(key.row('n1')).toBe('damaged');
  return key;
}

const isMarked = (key: TestKey) => {
  const row = key.row('n1');
  return row !== undefined && row !== 'damaged' && row.recovering;
};

describe('a damaged row', () => {
  it('is neither served nor taken for an absent key: others answer (I12)', async () => {
    const key = await damagedAtN1();
    expect(texts(await key.get('n1'))).toEqual(['v']);
    const alone = { place: key.place, digestOnly: false };
    key.damage('n1');
    await expect(key.cluster.node('n1').replica.read(alone, key.cluster.callFor(100))).rejects.toMatchObject({
      failure: 'refused',
    });
  });

  it('is healed from the others by the read that finds it, and its segment is summed up anew (I7)', async () => {
    const key = await damagedAtN1();
    await key.get('n1');
    await key.cluster.until(() => key.cluster.counted('row.healed', 'n1') === 1, 'the row is healed');
    expect(isMarked(key)).toBe(false);
    expect(new Set(key.digests().values()).size).toBe(1);
    // The sum is written with the next batch.
    await key.put('n1', 'next', { overwrite: true, w: 3 });
    expect(await wrongSums(key.cluster, 'n1')).toEqual([]);
  });

  it('is summed up anew also when its segment is written to all the while (I7)', async () => {
    const key = await damagedAtN1();
    const { cluster } = key;
    const { store } = cluster.seat('n1').disk;
    const next = () => {
      store.releaseWrites();
      store.holdWrites();
    };
    store.holdWrites();
    const puts = [key.putNow('n1', 'first', { overwrite: true })];
    await cluster.clock.pass(1);
    // The healed row is in the second batch; a third is on its way when that is durable.
    next();
    await cluster.clock.pass(1);
    puts.push(key.putNow('n1', 'second', { overwrite: true }));
    next();
    await cluster.clock.pass(1);
    store.releaseWrites();
    await cluster.done(Promise.all(puts));
    await cluster.clock.pass(100);
    await key.put('n1', 'last', { overwrite: true, w: 3 });
    expect(isMarked(key)).toBe(false);
    expect(await wrongSums(cluster, 'n1')).toEqual([]);
  });

  it('keeps its mark under a put, until every other owner was asked', async () => {
    const key = await damagedAtN1();
    key.cluster.stop('n3');
    await key.cluster.knownDown('n3');
    await key.put('n1', 'over it', { w: 2 });
    await key.cluster.clock.pass(100);
    expect(isMarked(key)).toBe(true);
    expect(await key.all('n2').catch(error => error.reason)).toBe('QUORUM_UNREACHABLE');
    // n1's answer counts in no strict read, and n3 is down.
    await expect(key.get('n2', { strict: true })).rejects.toMatchObject({ reason: 'QUORUM_UNREACHABLE' });
    expect(texts(await key.get('n2'))).toEqual(['over it', 'v']);
    await key.cluster.restart('n3');
    await key.cluster.allSeen();
    await key.cluster.clock.pass(10_000);
    await key.get('n1');
    await key.cluster.until(() => !isMarked(key), 'the mark is taken off');
    expect(await key.all('n3')).toEqual(['over it', 'v']);
    await key.put('n1', 'next', { overwrite: true, w: 3 });
    for (const name of key.cluster.names) expect(await wrongSums(key.cluster, name)).toEqual([]);
  });

  it('at a coordinator swallows nobody else’s write: it mints as another actor (C2)', async () => {
    const key = await damagedAtN1();
    // n1's own writes before and after the damage, blind and with an old context.
    const { context } = await key.put('n1', 'old', { w: 3 });
    key.damage('n1');
    await key.put('n1', 'blind', { w: 3 });
    await key.put('n2', 'elsewhere', { w: 3 });
    key.damage('n1');
    await key.put('n1', 'after', { context, w: 3 });
    await key.cluster.clock.pass(100);
    // What its context has not seen stays, `v` too: n1 had lost that when it replied.
    expect(await key.all('n3')).toEqual(['after', 'blind', 'elsewhere', 'v']);
  });

  it('that LevelDB lost without a word costs nothing that was acknowledged either (C2)', async () => {
    const cluster = await TestCluster.apart(3);
    const key = new TestKey(cluster);
    const { context } = await key.put('n1', 'old', { w: 3 });
    cluster.seat('n1').disk.store.lose(dataKey(key.place));
    await key.put('n1', 'blind', { w: 3 });
    cluster.seat('n1').disk.store.lose(dataKey(key.place));
    await key.put('n1', 'after', { context, w: 3 });
    for (const name of cluster.names) expect(await key.all(name)).toEqual(['after', 'blind']);
  });

  it('that no other owner has heard of stays refused, and is never an absent key', async () => {
    const cluster = await TestCluster.apart(3);
    const key = new TestKey(cluster);
    cluster.cut('n1', 'n2');
    cluster.cut('n1', 'n3');
    await key.put('n1', 'v', { w: 1 });
    cluster.heal();
    await cluster.allSeen();
    key.damage('n1');
    for (let i = 0; i < 3; i++) {
      await expect(key.get('n1', { r: 3, strict: true })).rejects.toMatchObject({
        reason: 'QUORUM_UNREACHABLE',
      });
      await cluster.clock.pass(100);
    }
    expect(key.row('n1')).toBe('damaged');
  });

  it('that no other owner has is asked for once in ten seconds, and told of once, however often it is read', async () => {
    const cluster = await TestCluster.apart(3);
    const key = new TestKey(cluster);
    cluster.cut('n1', 'n2');
    cluster.cut('n1', 'n3');
    await key.put('n1', 'v', { w: 1 });
    cluster.heal();
    await cluster.allSeen();
    key.damage('n1');
    const read = () =>
      cluster.node('n1').replica.read({ place: key.place, digestOnly: false }, cluster.callFor(100));
    const readOften = async () => {
      for (let i = 0; i < 50; i++) {
        await expect(read()).rejects.toMatchObject({ failure: 'refused' });
        await cluster.clock.pass(10);
      }
    };
    const asked = () => cluster.calls.filter(({ from, what }) => from === 'n1' && what === 'read').length;
    const before = asked();
    await readOften();
    expect(asked() - before).toBe(2);
    await cluster.clock.pass(10_000);
    await readOften();
    expect(asked() - before).toBe(4);
    const told = cluster.seat('n1').log.lines.filter(({ event }) => event.startsWith('a damaged row'));
    expect(told).toEqual([
      {
        event: 'a damaged row, and no other owner has the key',
        facts: { bucket: 'b', key: 'k', advice: 'write the key anew, or restore this disk' },
      },
    ]);
    expect(cluster.counted('row.healed', 'n1')).toBe(0);
  });

  it('does not mark a row that is sound, when its healing comes too late and is incomplete', async () => {
    const key = await damagedAtN1();
    await key.get('n1');
    await key.cluster.until(() => key.cluster.counted('row.healed', 'n1') === 1, 'the row is healed');
    const replica = key.cluster.node('n1').local;
    await key.cluster.done(replica.healed({ place: key.place, records: [], complete: false }));
    expect(isMarked(key)).toBe(false);
  });
});
