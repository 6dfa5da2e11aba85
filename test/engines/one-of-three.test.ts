import { describe, expect, it } from 'vitest';
import { TestCluster } from '../support/cluster.ts';
import { texts } from '../support/cluster-client.ts';
import { TestKey } from '../support/cluster-disks.ts';

async function threeWithout(...down: readonly string[]): Promise<TestKey> {
  const cluster = await TestCluster.serving(3, { without: new Set(['anti-entropy']) });
  for (const name of down) cluster.stop(name);
  await cluster.knownDown(...down);
  return new TestKey(cluster);
}

describe('three nodes of which', () => {
  it('one is down: reads and writes go on, and exactly its miss is noted, with the record', async () => {
    const key = await threeWithout('n3');
    const { replicas } = await key.put('n1', 'v');
    expect(replicas).toEqual({ required: 2, answered: 2, fallback: 0, unrepaired: 0 });
    expect(texts(await key.get('n2', { strict: true }))).toEqual(['v']);
    expect(await key.hints('n1')).toEqual(['n3']);
    expect(await key.hints('n2')).toEqual([]);
  });

  it('one is down: a thousand writes to a key are one note', async () => {
    const key = await threeWithout('n3');
    for (let i = 0; i < 20; i++) await key.put('n1', `${i}`, { overwrite: true });
    expect(await key.hints('n1')).toEqual(['n3']);
    expect(key.cluster.node('n1').overview.status().hints).toBe(1);
  });

  it('all are up: nothing is noted', async () => {
    const key = await threeWithout();
    await key.put('n1', 'v');
    await key.cluster.clock.pass(5_000);
    for (const name of key.cluster.names) expect(await key.hints(name)).toEqual([]);
  });

  it.each([true, false])(
    'two are down (strict: %s): W = 2 is refused before anything is written',
    async strict => {
      const key = await threeWithout('n2', 'n3');
      await expect(key.put('n1', 'v', { strict })).rejects.toMatchObject({
        reason: 'QUORUM_UNREACHABLE',
        outcome: 'not applied',
        facts: { required: '2', reachable: '1' },
        detail: expect.stringContaining('(n2: does not answer; n3: does not answer)'),
      });
      await expect(key.get('n1', { strict })).rejects.toMatchObject({ reason: 'QUORUM_UNREACHABLE' });
      expect(key.digests().size).toBe(0);
      expect((await key.put('n1', 'v', { w: 1, strict })).replicas.answered).toBe(1);
      expect(await key.hints('n1')).toEqual(['n2', 'n3']);
    },
  );

  it('one is back but still taken for down, and the other stops without a word: the one that is back is asked', async () => {
    const key = await threeWithout();
    const { cluster } = key;
    cluster.pause('n2');
    await cluster.knownDown('n2');
    cluster.resume('n2');
    cluster.pause('n3');
    const { replicas } = await key.put('n1', 'v', { strict: true, call: cluster.callFor(1_500) });
    expect(replicas).toMatchObject({ answered: 2, fallback: 0 });
  });

  it('two have stopped without a word: the outcome is unknown, and what they miss is noted', async () => {
    const key = await threeWithout();
    for (const name of ['n2', 'n3']) key.cluster.pause(name);
    const call = key.cluster.callFor(800);
    await expect(key.put('n1', 'v', { call })).rejects.toMatchObject({
      reason: 'OUTCOME_UNKNOWN',
      outcome: 'unknown',
      facts: { required: '2', acked: '1' },
      detail: expect.stringMatching(/^1 of 2 replicas acknowledged in time \(n2: .+; n3: .+\)/),
    });
    expect(key.cluster.clock.now()).toBeLessThanOrEqual(call.deadline);
    await key.cluster.clock.pass(10);
    expect(await key.hints('n1')).toEqual(['n2', 'n3']);
  });

  it('one has stopped without a word: the write goes on, and its miss is noted by the deadline', async () => {
    const key = await threeWithout();
    key.cluster.pause('n3');
    await key.put('n1', 'v');
    await key.cluster.clock.pass(4_000);
    expect(await key.hints('n1')).toEqual(['n3']);
  });

  it('one hears but is not heard: what it says no to is noted as well', async () => {
    const key = await threeWithout();
    key.cluster.seat('n3').disk.store.failNextWrite();
    await key.put('n1', 'v', { w: 2 });
    await key.cluster.clock.pass(1);
    expect(await key.hints('n1')).toEqual(['n3']);
  });

  it('none outlives a request: no timer is left of reads and writes that went well', async () => {
    const key = await threeWithout();
    await key.cluster.clock.pass(3_000);
    const before = key.cluster.clock.pending;
    for (let i = 0; i < 10; i++) {
      await key.put('n1', `${i}`, { overwrite: true, w: 3 });
      await key.get('n2', { r: 3 });
    }
    expect(key.cluster.clock.pending).toBeLessThanOrEqual(before + 3);
  });

  it('an expired or unanswerable request is refused unexecuted', async () => {
    const key = await threeWithout();
    const call = key.cluster.callFor(0);
    await expect(key.put('n1', 'v', { call })).rejects.toMatchObject({
      reason: 'EXPIRED',
      outcome: 'not applied',
    });
    await expect(key.get('n1', { call })).rejects.toMatchObject({ reason: 'EXPIRED' });
    await expect(key.put('n1', 'v', { w: 4 })).rejects.toMatchObject({ reason: 'BAD_QUORUM' });
    await expect(key.get('n1', { r: 4 })).rejects.toMatchObject({ reason: 'BAD_QUORUM' });
    expect(key.digests().size).toBe(0);
    expect(key.cluster.calls).toEqual([]);
  });
});
