/**
 * Starts that would harm somebody's data are refused: one line on stderr that says what to do, exit 1, and
 * nothing touched.
 */
import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nodeArguments } from '../../src/cli/node-process.ts';
import { textsOf } from './support/calls.ts';
import { freeAddresses } from './support/free-ports.ts';
import { liveCluster, preparedCluster } from './support/live-cluster.ts';
import { LiveNode } from './support/live-node.ts';
import { shoal } from './support/shoal.ts';
import { until } from './support/until.ts';

/** Starts the node with these changes, and gives its last words. */
async function refused(node: LiveNode, changes: Partial<LiveNode['spec']>): Promise<string> {
  const { code, out, err } = await shoal(nodeArguments({ ...node.spec, ...changes }));
  expect({ code, out }).toEqual({ code: 1, out: '' });
  return err.trimEnd().split('\n').at(-1)!;
}

async function elsewhere(): Promise<{ listen: string; peerListen: string }> {
  const [listen, peerListen] = await freeAddresses(2);
  return { listen: listen!, peerListen: peerListen! };
}

test('a second process under the name of a living node', async () => {
  const cluster = await liveCluster();
  const data = join(cluster.folder, 'impostor');
  const line = await refused(cluster.node('n1'), { ...(await elsewhere()), data });
  expect(line).toMatch(/^shoal: .*n1/);
  await cluster.calls('n1').put({ bucket: 'b', key: 'k', value: { text: 'v' } });
});

test('a refused start ends by itself, though its parent still holds its pipe', async () => {
  const cluster = await liveCluster({ nodes: 1 });
  const { spec } = cluster.node('n1');
  const impostor = new LiveNode({
    ...spec,
    ...(await elsewhere()),
    data: join(cluster.folder, 'impostor'),
    join: [spec.peerListen],
  });
  onTestFinished(() => impostor.close());
  impostor.launch();
  expect(await impostor.ended()).toEqual({ code: 1, signal: null });
});

test('the data directory of another node', async () => {
  const cluster = await liveCluster({ nodes: 1 });
  const node = cluster.node('n1');
  await node.stop();
  expect(await refused(node, { name: 'n2' })).toMatch(/^shoal: not the data directory of this node/);
  await node.start();
});

test('a node that is pointed at another cluster', async () => {
  const one = await liveCluster({ nodes: 1 });
  const other = await liveCluster({ nodes: 2 });
  const node = one.node('n1');
  await node.stop();
  const line = await refused(node, { join: [other.node('n2').spec.peerListen] });
  expect(line).toMatch(/^shoal: this data directory belongs to cluster/);
});

test.each(['CURRENT', 'log'])('a store without its %s', async what => {
  const cluster = await liveCluster({ nodes: 1 });
  const node = cluster.node('n1');
  await node.calls.put({ bucket: 'b', key: 'k', value: { text: 'v' } });
  await node.stop();
  const aside = join(cluster.folder, 'aside');
  const store = join(node.spec.data, 'store');
  await cp(store, aside, { recursive: true });
  for (const name of await readdir(store)) {
    if (name === what || name.endsWith(`.${what}`)) await rm(join(store, name));
  }
  expect(await refused(node, {})).toMatch(/^shoal: data directory .* is damaged .*wipe/);
  await cp(aside, store, { recursive: true });
  await node.start();
  expect(textsOf(await node.calls.get({ bucket: 'b', key: 'k' }))).toEqual(['v']);
});

test('a --join that never answers is waited for, and named', async () => {
  const cluster = await preparedCluster();
  const node = cluster.node('n1');
  node.launch();
  const absent = cluster.node('n2').spec.peerListen;
  const awaited = await until('it says for whom it waits', async () => {
    const status = await node.calls.status();
    return status.awaited.length > 0 && status;
  });
  expect(awaited.state).toBe('waiting');
  expect(awaited.awaited.join()).toContain(absent);
  await expect(node.calls.put({ bucket: 'b', key: 'k', value: { text: 'v' } })).rejects.toMatchObject({
    reason: 'NOT_READY',
    outcome: 'not applied',
  });
});
