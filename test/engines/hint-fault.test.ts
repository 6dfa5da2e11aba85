import { describe, expect, it } from 'vitest';
import { TestCluster } from '../support/cluster.ts';
import { TestKey } from '../support/cluster-disks.ts';

describe('a node that can keep no note of who missed a write', () => {
  it('says so once, however many are missed', async () => {
    const cluster = await TestCluster.serving(3);
    const [first, second] = [new TestKey(cluster, 'k1'), new TestKey(cluster, 'k2')];
    cluster.hold(({ what, to }) => what === 'apply' && to === 'n3');
    for (const key of [first, second]) await key.put('n1', 'v', { w: 2 });
    cluster.seat('n1').disk.store.failNextWrite();
    await expect(new TestKey(cluster, 'another').put('n1', 'x')).rejects.toThrow('STORAGE_FAULTED');
    await cluster.clock.pass(30_000);
    expect(cluster.counted('hint.failed', 'n1')).toBeGreaterThan(1);
    const event = 'a member missed a write, and no note of it could be kept';
    expect(cluster.seat('n1').log.lines.filter(line => line.event === event)).toHaveLength(1);
  });
});
