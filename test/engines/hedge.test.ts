import { describe, expect, it } from 'vitest';
import { TestCluster } from '../support/cluster.ts';
import { texts } from '../support/cluster-client.ts';
import { TestKey } from '../support/cluster-disks.ts';

async function settledKey(): Promise<TestKey> {
  const cluster = await TestCluster.serving(3);
  const key = new TestKey(cluster);
  await key.put('n1', 'v', { w: 3 });
  return key;
}

/** Whom n1 asks beside itself. */
const second = (key: TestKey) => key.primaries.filter(name => name !== 'n1')[0]!;

describe('a read', () => {
  it('asks another replica when one is slow, long before its deadline', async () => {
    const key = await settledKey();
    const { cluster } = key;
    cluster.hold(({ from, to }) => from === 'n1' && to === second(key));
    const asked = cluster.clock.now();
    expect(texts(await key.get('n1'))).toEqual(['v']);
    expect(cluster.clock.now() - asked).toBeLessThan(100);
    expect(cluster.counted('read.hedged', 'n1')).toBe(1);
  });

  it('asks no more than it needs while all is well', async () => {
    const key = await settledKey();
    key.cluster.calls.length = 0;
    await key.get('n1');
    await key.cluster.clock.pass(1_000);
    expect(key.cluster.calls.filter(({ what }) => what === 'read')).toHaveLength(1);
    expect(key.cluster.counted('read.hedged')).toBe(0);
  });

  it('asks nobody else for a late failure once it is over', async () => {
    const cluster = await TestCluster.serving(5);
    const key = new TestKey(cluster);
    const [a, b] = key.primaries as [string, string];
    await key.put(a, 'v', { w: 3 });
    await cluster.clock.pass(100);
    cluster.hold(({ from, to }) => from === a && to === b);
    await key.get(a, { r: 2 });
    const asked = cluster.calls.length;
    cluster.stop(b);
    cluster.release();
    await cluster.clock.pass(3_000);
    expect(cluster.calls.length).toBe(asked);
  });

  it('whose client has gone asks nobody else, and does not wait for its deadline', async () => {
    const key = await settledKey();
    const { cluster } = key;
    const call = cluster.callFor(60_000);
    cluster.hold(({ from, to }) => from === 'n1' && to === second(key));
    const read = key.getNow('n1', { r: 2, call });
    call.cancelled = true;
    cluster.stop(second(key));
    cluster.release();
    await expect(cluster.done(read)).rejects.toMatchObject({ reason: 'QUORUM_UNREACHABLE' });
    expect(cluster.clock.now()).toBeLessThan(call.deadline);
    expect(cluster.calls.filter(({ what }) => what === 'read')).toHaveLength(1);
  });

  it('of which the whole record is asked of one, digests of the others', async () => {
    const key = await settledKey();
    const asked: boolean[] = [];
    for (const name of key.cluster.names) {
      const { local: replica } = key.cluster.node(name);
      const read = replica.read.bind(replica);
      replica.read = (request, call) => {
        asked.push(request.digestOnly);
        return read(request, call);
      };
    }
    await key.get('n1', { r: 3 });
    expect(asked).toEqual([false, true, true]);
  });
});
