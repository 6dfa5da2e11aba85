import { describe, expect, it } from 'vitest';
import { ShoalError } from '../../src/base/errors.ts';
import { TestCluster } from '../support/cluster.ts';
import { texts } from '../support/cluster-client.ts';
import { TestKey } from '../support/cluster-disks.ts';

interface Five {
  readonly cluster: TestCluster;
  readonly key: TestKey;
  /** Primaries. */
  readonly a: string;
  readonly b: string;
  readonly c: string;
  /** Fallbacks. */
  readonly d: string;
  readonly e: string;
}

async function five(): Promise<Five> {
  const cluster = await TestCluster.apart(5);
  const key = new TestKey(cluster);
  const [a, b, c, d, e] = [...key.primaries, ...key.fallbacks] as [string, string, string, string, string];
  return { cluster, key, a, b, c, d, e };
}

async function without(down: (five: Five) => readonly string[]): Promise<Five> {
  const nodes = await five();
  for (const name of down(nodes)) nodes.cluster.stop(name);
  await nodes.cluster.knownDown(...down(nodes));
  return nodes;
}

const actors = (key: TestKey, at: string) => {
  const row = key.row(at);
  return row === undefined || row === 'damaged' ? [] : row.sealed.record.vector.map(({ actor }) => actor);
};

describe('five nodes', () => {
  it('a node that is no replica hands a write on, so that no actor is more than there are replicas (C7)', async () => {
    const { cluster, key, a } = await five();
    for (const [i, name] of [...cluster.names, ...cluster.names].entries())
      await key.put(name, `${i}`, { overwrite: true, w: 3 });
    expect(actors(key, a).length).toBeLessThanOrEqual(3);
    expect(cluster.counted('write.handed-on')).toBe(4);
    expect([...key.digests().keys()].sort()).toEqual([...key.primaries].sort());
  });

  it('a put handed on is one write with one dot, whoever else is tried first (C8)', async () => {
    const { cluster, key, a, b, d } = await five();
    cluster.cut(d, a);
    await key.put(d, 'v', { w: 2 });
    expect(await key.all(b)).toEqual(['v']);
    expect(cluster.calls.filter(({ what }) => what === 'put').map(({ to }) => to)).toHaveLength(2);
  });

  it('a delete is handed on as well', async () => {
    const { key, d, e } = await five();
    await key.put(d, 'v');
    await key.delete(e);
    expect(await key.all(d)).toEqual([]);
  });

  it('a put handed on to a frozen primary is handed on to the next beside it, as the same write', async () => {
    const { cluster, key, a, d } = await five();
    cluster.pause(a);
    const asked = cluster.clock.now();
    await key.put(d, 'v');
    expect(cluster.clock.now() - asked).toBeLessThan(1_000);
    cluster.resume(a);
    await cluster.clock.pass(3_000);
    expect(await key.all(d)).toEqual(['v']);
    expect(cluster.calls.filter(({ what }) => what === 'put')).toHaveLength(2);
  });

  it('a delete of whatever is there is not: its outcome is unknown', async () => {
    const { cluster, key, a, d } = await five();
    cluster.pause(a);
    const lost = key.delete(d, { call: cluster.callFor(1_500) });
    await expect(lost).rejects.toMatchObject({ reason: 'OUTCOME_UNKNOWN', outcome: 'unknown' });
    expect(cluster.calls.filter(({ what }) => what === 'delete')).toHaveLength(1);
  });

  it('a put while all disks stall goes to two primaries and no further, though none of them answers', async () => {
    const { cluster, key, a, b, d } = await five();
    const stores = cluster.names.map(name => cluster.seat(name).disk.store);
    for (const store of stores) store.holdWrites();
    const put = key.putNow(d, 'v', { call: cluster.callFor(2_000) });
    await cluster.clock.pass(1_800);
    for (const store of stores) store.releaseWrites();
    await cluster.done(put);
    expect(cluster.calls.filter(({ what }) => what === 'put').map(({ to }) => to)).toEqual([a, b]);
    expect(cluster.calls.filter(({ what }) => what === 'apply').length).toBeLessThanOrEqual(8);
  });

  it('a put whose coordinator takes stand-ins is not handed on to another meanwhile', async () => {
    const { cluster, key, a, b, c, d, e } = await five();
    const standIns = [d, e].map(name => cluster.seat(name).disk.store);
    for (const store of standIns) store.holdWrites();
    cluster.hold(({ from, to, what }) => what === 'apply' && from === a && (to === b || to === c));
    const put = key.putNow(d, 'v');
    await cluster.clock.pass(400);
    for (const store of standIns) store.releaseWrites();
    await cluster.done(put);
    expect(cluster.calls.filter(({ what }) => what === 'put')).toHaveLength(1);
  });

  it('a node that is asked instead of one that failed gets all the patience', async () => {
    const { cluster, key, a, b, c, d } = await five();
    cluster.hold(({ to, what }) => what === 'put' && to === a);
    cluster.pause(b);
    const put = key.putNow(d, 'v');
    await cluster.clock.pass(400);
    cluster.stop(a);
    cluster.release();
    await cluster.clock.pass(300);
    const asked = () => cluster.calls.filter(({ what }) => what === 'put').map(({ to }) => to);
    expect(asked()).toEqual([a, b]);
    await cluster.done(put);
    expect(asked()).toEqual([a, b, c]);
  });

  it('a put that all primaries have too much to do for goes to no stand-in: overload is not down (O2)', async () => {
    const { cluster, key, a, b, c, d } = await five();
    const tooMuch = new ShoalError('OVERLOADED', 'too much to do');
    for (const name of [a, b, c]) cluster.node(name).handedOn.put = () => Promise.reject(tooMuch);
    await expect(key.put(d, 'v')).rejects.toBe(tooMuch);
    expect(cluster.calls.filter(({ what }) => what === 'put').map(({ to }) => to)).toEqual([a, b, c]);
  });

  it('a hand-on goes no further when its client has gone', async () => {
    const { cluster, key, a, d } = await five();
    const call = cluster.callFor(500);
    cluster.hold(({ what }) => what === 'put');
    const handed = key.putNow(d, 'v', { call });
    cluster.cut(d, a);
    call.cancelled = true;
    cluster.release();
    await expect(cluster.done(handed)).rejects.toMatchObject({ outcome: 'not applied' });
    expect(cluster.calls.filter(({ what }) => what === 'put')).toHaveLength(1);
  });

  it('a sloppy put with a primary down lands on the first fallback, record and note in one batch', async () => {
    const { cluster, key, a, c, d } = await without(({ c }) => [c]);
    const { store } = cluster.seat(d).disk;
    store.holdWrites();
    const put = key.putNow(a, 'v', { w: 3 });
    await cluster.until(() => store.underWay !== undefined, 'the fallback writes');
    const kinds = store.underWay!.map(({ key: written }) => String.fromCharCode(written[0]!));
    expect(kinds).toEqual(expect.arrayContaining(['h', 'i', 'r', 's']));
    store.releaseWrites();
    const { replicas } = await cluster.done(put);
    expect(replicas).toEqual({ required: 3, answered: 3, fallback: 1, unrepaired: 0 });
    expect(await key.hints(d)).toEqual([c]);
    expect(await key.hints(a)).toEqual([]);
    const [standIn, owner] = [d, a].map(name => cluster.node(name).overview.status());
    expect(standIn).toMatchObject({ records: 1, foreignRecords: 1, hints: 1 });
    expect(standIn!.hintsFor).toEqual([{ target: c, count: 1, oldestMs: expect.any(Number) }]);
    expect(owner).toMatchObject({ records: 1, foreignRecords: 0, hints: 0, hintsFor: [] });
  });

  it("a fallback's ack does not meet a strict quorum (Q1)", async () => {
    const { key, a } = await without(({ b, c }) => [b, c]);
    await expect(key.put(a, 'v', { strict: true })).rejects.toMatchObject({
      reason: 'QUORUM_UNREACHABLE',
      outcome: 'not applied',
    });
    const { replicas } = await key.put(a, 'v');
    expect(replicas.answered - replicas.fallback).toBe(1);
  });

  it('a silent primary is replaced within its share of the deadline, and counts again when it answers late', async () => {
    const { cluster, key, a, b, c, d } = await five();
    cluster.pause(b);
    cluster.pause(c);
    const call = cluster.callFor(3_000);
    const { replicas } = await key.put(a, 'v', { call });
    expect(replicas).toMatchObject({ answered: 2, fallback: 1 });
    expect(cluster.clock.now()).toBeLessThan(call.deadline - 1_500);
    expect((await key.hints(d)).length).toBe(1);
  });

  it('a primary that is given up when the time is over is replaced by nobody: nobody waits, and a note is enough (I10)', async () => {
    const { cluster, key, a, b, d, e } = await five();
    cluster.pause(b);
    await key.put(a, 'v', { w: 1, call: cluster.callFor(600) });
    await cluster.clock.pass(1_000);
    expect(cluster.calls.filter(({ what, to }) => what === 'apply' && [d, e].includes(to))).toEqual([]);
    expect(await key.hints(a)).toEqual([b]);
  });

  it('all primaries are down: sloppy puts and gets still work, through any node', async () => {
    const { cluster, key, d, e, a, b } = await without(({ a, b, c }) => [a, b, c]);
    const { replicas } = await key.put(e, 'v');
    expect(replicas).toMatchObject({ answered: 2, fallback: 2 });
    expect(texts(await key.get(d))).toEqual(['v']);
    expect(texts(await key.get(e))).toEqual(['v']);
    const noted = [...(await key.hints(d)), ...(await key.hints(e))];
    expect(new Set(noted)).toEqual(new Set(key.primaries));
    expect(actors(key, d)).toHaveLength(1);
    expect(cluster.seat(a).state + cluster.seat(b).state).toBe('stoppedstopped');
  });

  it('one fallback is all that is left: W = 1 is taken there, with a note for the primary it stands in for', async () => {
    const { key, e } = await without(({ a, b, c, d }) => [a, b, c, d]);
    const { replicas } = await key.put(e, 'v', { w: 1 });
    expect(replicas).toMatchObject({ answered: 1, fallback: 1 });
    expect(new Set(await key.hints(e))).toEqual(new Set(key.primaries));
    await expect(key.put(e, 'w', { w: 2 })).rejects.toMatchObject({ reason: 'QUORUM_UNREACHABLE' });
  });

  it('a repair that no primary can take is taken by a fallback, with a note', async () => {
    const { cluster, key, a, b, c, d } = await five();
    cluster.cut(a, b);
    await key.put(a, 'v', { w: 2, strict: true });
    cluster.heal();
    await cluster.allSeen();
    cluster.seat(b).disk.store.failNextWrite();
    const { replicas } = await key.get(c, { r: 3 });
    expect(replicas).toEqual({ required: 3, answered: 3, fallback: 0, unrepaired: 0 });
    expect(key.digests().has(d)).toBe(true);
    expect(await key.hints(d)).toEqual([b]);
  });

  it("fallbacks' empties alone are QUORUM_UNREACHABLE, never an absent key", async () => {
    const nodes = await five();
    await nodes.key.put(nodes.a, 'v', { w: 3 });
    for (const name of nodes.key.primaries) nodes.cluster.stop(name);
    await nodes.cluster.knownDown(...nodes.key.primaries);
    await expect(nodes.key.get(nodes.d)).rejects.toMatchObject({ reason: 'QUORUM_UNREACHABLE' });
    await expect(nodes.key.get(nodes.e, { r: 1 })).rejects.toMatchObject({ reason: 'QUORUM_UNREACHABLE' });
  });

  it('a write handed to a node that cannot write goes to the next one', async () => {
    const { cluster, key, a, d } = await five();
    cluster.seat(a).disk.store.failNextWrite();
    await new TestKey(cluster).put(a, 'breaks the disk').catch(() => undefined);
    await key.put(d, 'v', { overwrite: true });
    expect(await key.all(d)).toEqual(['v']);
  });
});

describe('while all primaries are up, but slow', () => {
  it('a read does not turn to fallbacks, which may hold what they once took in their stead', async () => {
    const { cluster, key, a, b, c, d, e } = await five();
    // What d and e took long ago, while b and c were down.
    cluster.stop(b);
    cluster.stop(c);
    await cluster.knownDown(b, c);
    await key.put(a, 'old', { w: 3 });
    await cluster.restart(b);
    await cluster.restart(c);
    await cluster.allSeen();
    await key.put(a, 'new', { overwrite: true, w: 3 });
    const stale = [d, e].filter(name => key.row(name) !== undefined);
    expect(stale).toEqual([d, e]);
    cluster.hold(({ what, to }) => what === 'read' && [a, b, c].includes(to));
    const read = key.getNow(d, { r: 2 });
    await cluster.clock.pass(200);
    cluster.release();
    const { siblings, replicas } = await cluster.done(read);
    expect(texts({ siblings })).toEqual(['new']);
    expect(replicas.fallback).toBe(0);
  });

  it('a write that has its quorum leaves no copy at a fallback', async () => {
    const { cluster, key, a, b, d, e } = await five();
    cluster.hold(({ what, to }) => what === 'apply' && to === b);
    await key.put(a, 'v', { w: 2, call: cluster.callFor(5_000) });
    await cluster.clock.pass(1_000);
    cluster.release();
    await cluster.clock.pass(100);
    expect([d, e].filter(name => key.row(name) !== undefined)).toEqual([]);
    expect(key.digests().has(b)).toBe(true);
    expect(await key.hints(a)).toEqual([]);
  });
});
