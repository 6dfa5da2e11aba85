import { describe, expect, it } from 'vitest';
import { TestCluster } from '../support/cluster.ts';
import { texts } from '../support/cluster-client.ts';
import { TestKey, wrongSums } from '../support/cluster-disks.ts';

describe('concurrent writes', () => {
  it('come back as siblings, also in the reply of the second, and a write with their context leaves one', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    await key.put('n1', 'one');
    const second = await key.put('n2', 'two');
    expect(texts(second)).toEqual(['one']);
    const read = await key.get('n3');
    expect(texts(read)).toEqual(['one', 'two']);
    const merged = await key.put('n3', 'three', { context: read.context });
    expect(texts(merged)).toEqual([]);
    expect(await key.all('n1')).toEqual(['three']);
  });

  it('in one moment through two nodes: both are acknowledged and both stay', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    await cluster.done(Promise.all([key.putNow('n1', 'one'), key.putNow('n2', 'two')]));
    expect(await key.all('n3')).toEqual(['one', 'two']);
  });

  it('a context covers only what its reply showed: what came between stays', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    const read = await key.get('n1');
    await key.put('n2', 'unseen');
    const mine = await key.put('n1', 'mine', { context: read.context });
    expect(texts(mine)).toEqual(['unseen']);
    expect(await key.all('n3')).toEqual(['mine', 'unseen']);
  });

  it('the context of a write covers what its reply showed, so that its client can go on with it', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    await key.put('n1', 'one');
    const { context } = await key.put('n2', 'two');
    await key.put('n3', 'both seen', { context });
    expect(await key.all('n1')).toEqual(['both seen']);
  });

  it('two writers that read, resolve and put 100 times never make more siblings than there are writers (C1)', async () => {
    const cluster = await TestCluster.serving(3);
    const key = new TestKey(cluster);
    const contexts: Uint8Array[] = [new Uint8Array(), new Uint8Array()];
    let most = 0;
    for (let i = 0; i < 200; i++) {
      const writer = i % 2;
      const at = cluster.names[(i * 7) % 3]!;
      await key.put(at, `${i}`, { context: contexts[writer]! });
      const read = await key.get(cluster.names[i % 3]!);
      most = Math.max(most, read.siblings.length);
      contexts[writer] = read.context;
    }
    expect(most).toBeLessThanOrEqual(2);
    for (const name of cluster.names) expect(await wrongSums(cluster, name)).toEqual([]);
  });
});
