import { describe, expect, it } from 'vitest';
import { AssertionFailed } from '../../src/base/assert.ts';
import { TestCluster } from '../support/cluster.ts';
import { TestKey } from '../support/cluster-disks.ts';

/** A value that only n2 holds, whose whole record it cannot be asked for without a bug of ours. */
async function bugBehindFetch(): Promise<TestKey> {
  const cluster = await TestCluster.apart(3);
  const key = new TestKey(cluster);
  cluster.cut('n2', 'n1');
  cluster.cut('n2', 'n3');
  await key.put('n2', 'unseen', { w: 1 });
  cluster.heal();
  await cluster.allSeen();
  const { replica } = cluster.node('n2');
  const read = replica.read.bind(replica);
  replica.read = async (request, call) => {
    if (!request.digestOnly) throw new AssertionFailed('a bug of the test');
    return await read(request, call);
  };
  return key;
}

describe('a bug of ours under a fetch of the whole record', () => {
  it('is not taken for a replica that failed by a read', async () => {
    const key = await bugBehindFetch();
    await expect(key.get('n1', { r: 3, strict: true })).rejects.toThrow(AssertionFailed);
  });

  it('is not taken for an unknown outcome by an overwrite', async () => {
    const key = await bugBehindFetch();
    await expect(key.put('n1', 'new', { overwrite: true, w: 3 })).rejects.toThrow(AssertionFailed);
  });
});
