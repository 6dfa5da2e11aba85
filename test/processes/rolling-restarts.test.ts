/**
 * Every node in turn is told to end and started again, under load: nobody notices, and nothing is lost (TRAPS
 * G8).
 */
import { expect, test } from 'vitest';
import { clientOf } from './support/clients.ts';
import { liveCluster } from './support/live-cluster.ts';
import type { LiveNode } from './support/live-node.ts';
import { Load } from './support/load.ts';

test('the SDK gets every call through, and each node goes on as the incarnation it was', async () => {
  const cluster = await liveCluster();
  const { nodes } = cluster;
  const load = new Load();
  load.start([clientOf(...nodes), clientOf(...nodes), clientOf(...nodes), clientOf(...nodes)]);
  for (let round = 0; round < 2; round += 1) {
    for (const node of nodes) {
      await load.acknowledge(100);
      expect(await node.stop()).toEqual({ code: 0, signal: null });
      await load.acknowledge(50);
      await node.start();
      expect(node.said('new incarnation')).toEqual([]);
    }
  }
  await load.stop();
  expect(load.failures).toEqual([]);
  for (const node of nodes) await load.check(clientOf(node), { strict: true });
  expect(load.wrong).toEqual([]);
});

test('not even a single attempt fails at the nodes that stay', async () => {
  const cluster = await liveCluster();
  const [restarted, ...staying] = cluster.nodes;
  const failures: unknown[] = [];
  let stopping = false;
  let done = 0;
  const askOn = async ({ calls, spec }: LiveNode, writer: number) => {
    for (let turn = 0; !stopping; turn += 1) {
      const key = { bucket: 'b', key: `${spec.name}-${writer}-${turn % 20}` };
      await calls
        .put({ ...key, value: { text: String(turn) }, overwrite: true })
        .catch(error => failures.push(error));
      await calls.get(key).catch(error => failures.push(error));
      done += 1;
    }
  };
  const working = [1, 2, 3, 4].flatMap(writer => staying.map(node => askOn(node, writer)));
  const more = async (count: number) => {
    const goal = done + count;
    while (done < goal) await new Promise(resolve => setImmediate(resolve));
  };
  for (let times = 0; times < 3; times += 1) {
    await more(100);
    expect(await restarted!.stop()).toEqual({ code: 0, signal: null });
    await more(100);
    await restarted!.start();
  }
  await more(100);
  stopping = true;
  await Promise.all(working);
  expect(failures).toEqual([]);
});
