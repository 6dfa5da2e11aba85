import { expect, it } from 'vitest';
import { TestCluster } from '../support/cluster.ts';
import { texts } from '../support/cluster-client.ts';
import { TestKey, wrongSums } from '../support/cluster-disks.ts';

it('three nodes found a cluster, and each answers for what another took', async () => {
  const cluster = await TestCluster.serving(3);
  const key = new TestKey(cluster);
  await key.put('n1', 'v');
  for (const name of cluster.names) {
    expect(texts(await key.get(name))).toEqual(['v']);
    expect(await wrongSums(cluster, name)).toEqual([]);
  }
});
