/**
 * One of three nodes is killed while clients read and write at R = W = 2 through all of them: nobody notices
 * (I1, I4).
 */
import { expect, test } from 'vitest';
import { clientOf } from './support/clients.ts';
import { liveCluster } from './support/live-cluster.ts';
import { Load } from './support/load.ts';

test('no call fails, nothing acknowledged is lost, and the node comes back by itself as a new incarnation', async () => {
  const cluster = await liveCluster();
  const { nodes } = cluster;
  const victim = cluster.node('n2');
  const [before] = victim.said('new incarnation');
  const load = new Load();
  load.start([clientOf(...nodes), clientOf(...nodes), clientOf(...nodes)]);
  await load.acknowledge(100);
  await victim.kill();
  await load.acknowledge(200);
  await victim.start();
  await load.acknowledge(100);
  await load.stop();
  expect(load.failures).toEqual([]);
  for (const node of nodes) await load.check(clientOf(node), { strict: true });
  await load.check(clientOf(victim), { strict: true, r: 3 });
  expect(load.wrong).toEqual([]);
  const [after] = victim.said('new incarnation');
  expect(after).toMatchObject({ why: 'it was not stopped cleanly' });
  expect(after?.incarnation).not.toBe(before?.incarnation);
});
