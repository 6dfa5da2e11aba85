import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { decodeContext, encodeContext } from '../../src/core/record/context.ts';
import { type Sent, TestCluster } from '../support/cluster.ts';
import { texts } from '../support/cluster-client.ts';
import { TestKey, wrongSums } from '../support/cluster-disks.ts';

const recovering = (cluster: TestCluster, name: string) =>
  cluster.node(name).overview.status().recoveringPartitions;

const refill = (cluster: TestCluster, name: string) => cluster.node(name).overview.status().refill;

const saidOf = (cluster: TestCluster, event: string) =>
  cluster.seat('n1').log.lines.filter(line => line.event === event);

/** What a node that recovers asks the others. */
const FILLS: ReadonlySet<string> = new Set(['sums', 'scan']);

describe('a node that lost its disk', () => {
  it('counts in no strict read until it has merged with every other owner, then does', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    // Acknowledged by n1 and n2; n3 has not got it.
    cluster.cut('n1', 'n3');
    await key.put('n1', 'v', { w: 2 });
    cluster.heal();
    cluster.hold(({ what, from }) => FILLS.has(what) && from === 'n1');
    cluster.stop('n1');
    await cluster.restart('n1', { wiped: true });
    await cluster.allSeen();
    expect(recovering(cluster, 'n1')).toBe(256);
    // n1 and n3 know nothing of the write: that must not be taken for a quorum.
    cluster.pause('n2');
    const call = cluster.callFor(300);
    await expect(key.get('n3', { strict: true, call })).rejects.toMatchObject({
      reason: 'QUORUM_UNREACHABLE',
    });
    cluster.resume('n2');
    await cluster.allSeen();
    expect(texts(await key.get('n3', { strict: true }))).toEqual(['v']);
    cluster.release();
    await cluster.until(() => recovering(cluster, 'n1') === 0, 'n1 has recovered');
    cluster.stop('n2');
    await cluster.knownDown('n2');
    expect(texts(await key.get('n3', { strict: true }))).toEqual(['v']);
    expect(await wrongSums(cluster, 'n1')).toEqual([]);
  });

  it('waits for the owner that is down: one owner’s word is not enough', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    await key.put('n1', 'v', { w: 3 });
    cluster.stop('n1');
    cluster.stop('n2');
    await cluster.knownDown('n1', 'n2');
    await cluster.restart('n1', { wiped: true });
    await cluster.clock.pass(10_000);
    expect(recovering(cluster, 'n1')).toBe(256);
    // But what n3 has it has, so that there are two again; and it does not ask n3 for that all the time.
    expect(key.digests().get('n1')).toBe(key.digests().get('n3'));
    const asked = cluster.calls.length;
    await cluster.clock.pass(10_000);
    const again = cluster.calls.slice(asked).filter(({ from, what }) => from === 'n1' && what !== 'sums');
    expect(again).toEqual([]);
    await cluster.restart('n2');
    await cluster.until(() => recovering(cluster, 'n1') === 0, 'n1 has recovered');
    expect(await key.all('n1')).toEqual(['v']);
  });

  it('tells what was brought also when that is over', async () => {
    const cluster = await TestCluster.serving(3);
    for (let i = 0; i < 100; i++) await new TestKey(cluster, `k${i}`).put('n2', 'v', { w: 3 });
    cluster.stop('n1');
    await cluster.restart('n1', { wiped: true });
    await cluster.until(() => recovering(cluster, 'n1') === 0, 'n1 has recovered');
    expect(refill(cluster, 'n1')).toMatchObject({ records: 100, tookMs: 0, leftMs: undefined });
    expect(refill(cluster, 'n1').bytes).toBeGreaterThan(100);
  });

  it('tells how long it takes yet by what is finished', async () => {
    const cluster = await TestCluster.serving(3);
    cluster.stop('n1');
    let asked = 0;
    // Two owners of each partition are asked.
    cluster.hold(({ what, from }) => FILLS.has(what) && from === 'n1' && ++asked > 2 * 64);
    await cluster.restart('n1', { wiped: true });
    await cluster.clock.pass(2_000);
    const { tookMs, leftMs } = refill(cluster, 'n1');
    expect(tookMs).toBeGreaterThan(0);
    expect(recovering(cluster, 'n1')).toBe(256 - 64);
    expect(leftMs! / tookMs).toBeCloseTo(192 / 64, 5);
  });

  it('does not tell how long it takes while an owner is down', async () => {
    const cluster = await TestCluster.serving(5);
    for (let i = 0; i < 100; i++) await new TestKey(cluster, `k${i}`).put('n2', 'v', { w: 3 });
    cluster.stop('n1');
    cluster.stop('n2');
    await cluster.knownDown('n1', 'n2');
    await cluster.restart('n1', { wiped: true });
    const { tookMs: early } = refill(cluster, 'n1');
    await cluster.clock.pass(30_000);
    const { records, tookMs, leftMs } = refill(cluster, 'n1');
    expect([records > 0, tookMs > early, leftMs]).toEqual([true, true, undefined]);
  });

  it('says once which owner it waits for', async () => {
    const cluster = await TestCluster.serving(3);
    cluster.stop('n1');
    cluster.stop('n2');
    await cluster.knownDown('n1', 'n2');
    await cluster.restart('n1', { wiped: true });
    await cluster.clock.pass(10_000);
    expect(saidOf(cluster, 'recovering: an owner is awaited').map(({ facts }) => facts)).toMatchObject([
      { owner: 'n2' },
    ]);
  });

  it('asks nobody for pages any more when its new disk fails too, and says so once', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    await key.put('n2', 'v', { w: 3 });
    cluster.hold(({ what }) => FILLS.has(what));
    cluster.stop('n1');
    await cluster.restart('n1', { wiped: true });
    cluster.seat('n1').disk.store.failNextWrite();
    cluster.release();
    await cluster.clock.pass(1_000);
    const asked = cluster.calls.length;
    await cluster.clock.pass(10_000);
    expect(cluster.calls.slice(asked).filter(({ what, from }) => FILLS.has(what) && from === 'n1')).toEqual(
      [],
    );
    expect(saidOf(cluster, 'recovering ends here: the disk of this node failed')).toHaveLength(1);
    expect(saidOf(cluster, 'recovered: every partition is merged with every other owner')).toEqual([]);
  });

  it('waits for an owner whose pages lead back, and does not follow them round and round', async () => {
    const cluster = await TestCluster.serving(3);
    for (let i = 0; i < 100; i++) await new TestKey(cluster, `k${i}`).put('n2', 'v', { w: 3 });
    // Whoever has all from n3 asks n2 for nothing more.
    cluster.stop('n3');
    cluster.stop('n1');
    const { replica } = cluster.node('n2');
    let pages = 0;
    const next = new Uint8Array([1]);
    replica.scan = async () => {
      pages += 1;
      return { records: [], next: pages > 10_000 ? new Uint8Array() : next };
    };
    await cluster.restart('n1', { wiped: true });
    await cluster.clock.pass(500);
    expect(pages).toBeLessThanOrEqual(2 * 256);
    expect(recovering(cluster, 'n1')).toBeGreaterThan(0);
    const awaited = saidOf(cluster, 'recovering: an owner is awaited').map(({ facts }) => facts?.['owner']);
    expect(awaited.sort()).toEqual(['n2', 'n3']);
  });

  it('fills up with many rows, page by page, and is one of the others again', async () => {
    const cluster = await TestCluster.serving(3);
    const partition = new TestKey(cluster).place.partition;
    const keys = Array.from({ length: 2_000 }, (_, i) => new TestKey(cluster, `k${i}`)).filter(
      ({ place }, i) => i < 100 || place.partition === partition,
    );
    const value = Buffer.alloc(300_000, 1);
    for (const key of keys) await key.put('n2', key.place.partition === partition ? value : 'v', { w: 3 });
    cluster.stop('n1');
    await cluster.restart('n1', { wiped: true });
    await cluster.until(() => recovering(cluster, 'n1') === 0, 'n1 has recovered');
    for (const key of keys) expect(new Set(key.digests().values()).size).toBe(1);
    expect(keys.every(key => key.digests().has('n1'))).toBe(true);
    expect(await wrongSums(cluster, 'n1')).toEqual([]);
  });

  it.each([
    ['much less than half of a partition gets all of it page by page', 4, 'scan', 'keys'] as const,
    ['most of it gets what it lacks by its keys', 16, 'keys', 'scan'] as const,
  ])('that meanwhile took %s', async (_, taken, asked, unasked) => {
    const cluster = await TestCluster.serving(3);
    const { partition } = new TestKey(cluster).place;
    const keys = Array.from({ length: 10_000 }, (_, i) => new TestKey(cluster, `k${i}`))
      .filter(({ place }) => place.partition === partition)
      .slice(0, 20);
    for (const key of keys.slice(taken)) await key.put('n2', 'v', { w: 3 });
    cluster.hold(({ what, from }) => FILLS.has(what) && from === 'n1');
    cluster.stop('n1');
    await cluster.restart('n1', { wiped: true });
    await cluster.allSeen();
    for (const key of keys.slice(0, taken)) await key.put('n2', 'v', { w: 3 });
    const before = cluster.calls.length;
    cluster.release();
    await cluster.until(() => recovering(cluster, 'n1') === 0, 'n1 has recovered');
    for (const key of keys) expect(new Set(key.digests().values()).size).toBe(1);
    const told = new Set(cluster.calls.slice(before).map(({ what }) => what));
    expect(told.has(asked)).toBe(true);
    expect(told.has(unasked)).toBe(false);
  });

  it('takes and acknowledges writes meanwhile, and in a sloppy read counts like a fallback', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    cluster.hold(({ what, from }) => FILLS.has(what) && from === 'n1');
    cluster.stop('n1');
    await cluster.restart('n1', { wiped: true });
    await cluster.allSeen();
    await key.put('n1', 'v');
    cluster.stop('n3');
    await cluster.knownDown('n3');
    const { replicas } = await key.get('n2');
    expect(replicas).toMatchObject({ answered: 2, fallback: 1 });
  });

  it('mints as another actor, so that it swallows nothing it has forgotten', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    await key.put('n1', 'before', { w: 2 });
    cluster.stop('n1');
    cluster.hold(({ what }) => FILLS.has(what));
    await cluster.restart('n1', { wiped: true });
    await cluster.allSeen();
    await key.put('n1', 'after', { w: 3 });
    expect(await key.all('n2').catch(error => error.reason)).toBe('QUORUM_UNREACHABLE');
    expect(texts(await key.get('n2'))).toEqual(['after', 'before']);
  });
});

describe('a node that loses something while it recovers', () => {
  const keyIn = (cluster: TestCluster, of: number): TestKey => {
    for (let i = 0; ; i++) {
      const key = new TestKey(cluster, `k${i}`);
      if (key.place.partition === of) return key;
    }
  };

  it('merges once more what it is half through with (I5)', async () => {
    const cluster = await TestCluster.apart(3);
    const key = keyIn(cluster, 0);
    const [first, last] = key.primaries.filter(name => name !== 'n1') as [string, string];
    cluster.stop('n1');
    const before = cluster.calls.length;
    const isLast = ({ what, from, to }: Sent) => what === 'sums' && from === 'n1' && to === last;
    cluster.hold(isLast);
    await cluster.restart('n1', { wiped: true });
    await cluster.until(() => cluster.calls.slice(before).some(isLast), 'it is merged with the first');
    cluster.cut(first, 'n1');
    cluster.cut(first, last);
    await key.put(first, 'v', { w: 1 });
    cluster.heal();
    cluster.node('n1').rolledBack();
    cluster.release();
    await cluster.until(() => recovering(cluster, 'n1') === 0, 'n1 has recovered');
    expect(key.digests().has('n1')).toBe(true);
  });
});

describe('a client that knows more of a node than the node itself', () => {
  it('makes it another actor before it writes: no dot is covered by the context it stands beside (I3)', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    const of = { cluster: cluster.node('n1').overview.status().cluster!.id, place: key.place };
    const { context } = await key.put('n1', 'old', { w: 3 });
    // What it would have been given, had n1 written seven times more and forgotten that.
    const { vector, writes } = decodeContext(context, of);
    const further = vector.map(({ actor, counter }) => ({ actor, counter: counter + 7 }));
    const forgotten = encodeContext({ vector: further, writes }, of);
    // In one moment a delete through n2 and a write through n1: neither has seen the other, so the write
    // stays.
    cluster.hold(({ what }) => what === 'apply');
    await key.delete('n2', { context: forgotten, w: 1 });
    await key.put('n1', 'new', { context: forgotten, w: 1 });
    cluster.release();
    expect(await key.all('n3')).toEqual(['new']);
  });
});
