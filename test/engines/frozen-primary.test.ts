/** One primary of a key is dead, and another has just been frozen: nobody knows yet. Met by `make chaos`. */
import { expect, it } from 'vitest';
import { TestCluster } from '../support/cluster.ts';
import { texts } from '../support/cluster-client.ts';
import { TestKey } from '../support/cluster-disks.ts';

async function oneDeadOneFrozen() {
  const cluster = await TestCluster.serving(5);
  const key = new TestKey(cluster);
  const [left, dead, frozen] = key.primaries as [string, string, string];
  cluster.stop(dead);
  await cluster.clock.pass(3_000);
  cluster.hold(({ to }) => to === frozen);
  return { cluster, key, left };
}

it('a sloppy read of an absent key does not wait for the frozen one until its deadline', async () => {
  const { cluster, key, left } = await oneDeadOneFrozen();
  const asked = cluster.clock.now();
  expect(texts(await key.get(left))).toEqual([]);
  expect(cluster.clock.now() - asked).toBeLessThan(500);
});

it('a sloppy write takes stand-ins for both', async () => {
  const { cluster, key, left } = await oneDeadOneFrozen();
  const asked = cluster.clock.now();
  await key.put(left, 'v');
  expect(texts(await key.get(left))).toEqual(['v']);
  expect(cluster.clock.now() - asked).toBeLessThan(1_000);
});
