/**
 * The whole cluster stops and comes back, in any order and place: it remembers its ring, and nothing
 * acknowledged is lost. Who was stopped cleanly goes on as the incarnation it was, once the others have
 * agreed; who was killed is another (DESIGN §4).
 */
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { clientOf } from './support/clients.ts';
import { freeAddresses } from './support/free-ports.ts';
import { sharedCluster } from './support/live-cluster.ts';
import { LiveNode } from './support/live-node.ts';
import { Load } from './support/load.ts';
import { until } from './support/until.ts';

const cluster = sharedCluster();
const load = new Load();

/** More acknowledged writes before each restart. */
beforeEach(async () => {
  load.start(cluster().nodes.map(node => clientOf(node)));
  await load.acknowledge(60);
  await load.stop();
  expect(load.failures).toEqual([]);
});

async function expectAllThere(nodes: readonly LiveNode[]): Promise<void> {
  for (const node of nodes) await load.check(clientOf(node));
  await load.check(clientOf(nodes[0]!), { r: 3, strict: true });
  expect(load.wrong).toEqual([]);
}

async function ringOf({ calls }: LiveNode): Promise<string> {
  const { clusterId, epoch, ringDigest } = await calls.status();
  return `${clusterId.toString('hex')} ${epoch} ${ringDigest.toString('hex')}`;
}

/** As it said itself at its last start. */
function incarnationOf(node: LiveNode): unknown {
  return [...node.said('incarnation kept so far'), ...node.said('new incarnation')].at(-1)?.incarnation;
}

test('by SIGTERM, one after the other: each goes on as the incarnation it was', async () => {
  for (const node of cluster().nodes) {
    const before = incarnationOf(node);
    expect(await node.stop()).toEqual({ code: 0, signal: null });
    expect(node.said('ended cleanly')).toHaveLength(1);
    await node.start();
    expect(node.said('incarnation kept so far')).toMatchObject([{ incarnation: before }]);
    expect(node.said('new incarnation')).toEqual([]);
  }
  await expectAllThere(cluster().nodes);
});

test('by SIGTERM, all at once, and back in another order: the same ring, and every acknowledged write', async () => {
  const { nodes } = cluster();
  const before = await Promise.all(nodes.map(ringOf));
  await Promise.all(nodes.map(node => node.stop()));
  for (const node of [...nodes].reverse()) node.launch();
  await Promise.all(nodes.map(node => node.serving()));
  expect(await Promise.all(nodes.map(ringOf))).toEqual(before);
  for (const node of nodes) expect(node.said('incarnation kept so far')).toHaveLength(1);
  await expectAllThere(nodes);
});

test('by kill -9, all at once, and one comes back on other ports: each is another incarnation, and they find each other', async () => {
  const [first, second, third] = cluster().nodes;
  const before = await Promise.all(cluster().nodes.map(ringOf));
  const known = cluster().nodes.map(incarnationOf);
  await Promise.all(cluster().nodes.map(node => node.kill()));
  const [listen, peerListen] = await freeAddresses(2);
  const moved = new LiveNode({ ...third!.spec, listen: listen!, peerListen: peerListen! });
  onTestFinished(() => moved.close());
  const nodes = [first!, second!, moved];
  await Promise.all(nodes.map(node => node.start()));
  expect(await Promise.all(nodes.map(ringOf))).toEqual(before);
  for (const node of nodes) {
    const [drawn] = node.said('new incarnation');
    expect(drawn).toMatchObject({ why: 'it was not stopped cleanly' });
    expect(known).not.toContain(drawn?.incarnation);
  }
  await expectAllThere(nodes);
  const shown = await until('the first has met the third', async () => {
    const { members } = await first!.calls.status();
    return members.find(({ name, up }) => name === 'n3' && up);
  });
  expect(shown).toMatchObject({ address: listen, peerAddress: peerListen });
});
