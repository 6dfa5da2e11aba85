import { describe, expect, test } from 'vitest';
import { ringDigest } from '../../src/core/ring/ring.ts';
import { type Process, Town } from './support/town.ts';

/** All of them serve one cluster, under one ring. */
function expectOne(nodes: readonly Process[]): void {
  const rings = nodes.map(({ status: { cluster } }) => `${cluster!.id} ${ringDigest(cluster!.ring)}`);
  expect(new Set(rings).size).toBe(1);
  for (const { status } of nodes) {
    expect(status.state).toBe('serving');
    expect(status.awaited).toEqual([]);
    expect(status.members.map(({ name }) => name)).toEqual(nodes.map(({ name }) => name).sort());
    expect(status.members.reduce((sum, { partitions }) => sum + partitions, 0)).toBe(
      256 * Math.min(3, nodes.length),
    );
  }
}

const THREE = ['n1', 'n2', 'n3'];
const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

describe('three nodes found one cluster, whoever starts first', () => {
  test.each(orders)('%i %i %i, all joining the first by name', async (...order) => {
    const town = new Town();
    const nodes: Process[] = [];
    for (const i of order) {
      nodes.push(await town.start(THREE[i]!, { expect: 3, join: i === 0 ? [] : ['n1:7'] }));
      await town.clock.pass(700);
    }
    await town.allServe(nodes);
    expectOne(nodes);
  });

  test.each(orders)(
    '%i %i %i, in a chain: the second joins the first, the third the second',
    async (...order) => {
      const town = new Town();
      const nodes: Process[] = [];
      for (const i of order)
        nodes.push(await town.start(THREE[i]!, { expect: 3, join: i === 0 ? [] : [`n${i}:7`] }));
      await town.allServe(nodes);
      expectOne(nodes);
    },
  );
});

test('all given the same --join, which names every node and so each itself', async () => {
  const town = new Town();
  const join = ['n1:7', 'n2:7', 'n3:7', 'n4:7', 'n5:7'];
  const nodes: Process[] = [];
  for (const name of ['n4', 'n2', 'n5', 'n1', 'n3']) nodes.push(await town.start(name, { expect: 5, join }));
  await town.allServe(nodes);
  expectOne(nodes);
});

test('a node that only joins waits, and says for what; it never elects itself', async () => {
  const town = new Town();
  const late = await town.start('n4', { join: ['n1:7'] });
  await town.clock.pass(60_000);
  expect([late.serves, late.status.state]).toEqual([false, 'waiting']);
  expect(late.awaited).toBe('the birth of the cluster\nan answer from n1:7');
});

test('neither flag: a cluster of one, at once', async () => {
  const town = new Town();
  const only = await town.start('n1');
  await town.allServe([only]);
  expectOne([only]);
});

test('two of three wait for ever for the third, and name whom they have met', async () => {
  const town = new Town();
  const nodes = [
    await town.start('n1', { expect: 3 }),
    await town.start('n2', { expect: 3, join: ['n1:7', 'n3:7'] }),
  ];
  await town.clock.pass(60_000);
  expect(nodes.map(({ serves }) => serves)).toEqual([false, false]);
  expect(nodes[0]!.awaited).toBe('1 more of 3 nodes; met so far: n1, n2');
  expect(nodes[1]!.awaited).toBe('1 more of 3 nodes; met so far: n1, n2\nan answer from n3:7');
  expect(() => nodes[0]!.node.overview.locate({ bucket: 'b', key: 'k' })).toThrow(/NOT_READY/);
});

test('with more than are expected nothing is founded, and every node names them all', async () => {
  const town = new Town();
  const nodes: Process[] = [];
  // The one they join comes last: it hears of three and writes them down, and then comes the fourth.
  for (const name of ['n2', 'n3', 'n4', 'n1'])
    nodes.push(await town.start(name, { expect: 3, join: name === 'n1' ? [] : ['n1:7'] }));
  const naming = (node: Process) =>
    node.awaited.startsWith('4 nodes have met but 3 are expected: n1, n2, n3, n4;');
  await town.until(
    () => nodes.every(naming),
    () => nodes.map(({ awaited }) => awaited).join(' | '),
  );
  await town.clock.pass(10_000);
  expect(nodes.map(({ clusterId }) => clusterId)).toEqual(nodes.map(() => undefined));
});

test('nodes that expect different numbers write nothing down, and name each other', async () => {
  const town = new Town();
  const nodes = [
    await town.start('n1', { expect: 3 }),
    await town.start('n2', { expect: 2, join: ['n1:7'] }),
  ];
  await town.clock.pass(5_000);
  expect(nodes.map(({ disk }) => disk.cluster.text)).toEqual([undefined, undefined]);
  expect(nodes[1]!.awaited).toBe(
    'n1 to agree on the number: it expects 3, this node 2; start them with the same --expect',
  );
  expect(nodes[0]!.awaited).toContain('n2 to agree on the number: it expects 2, this node 3');
});

test('a late node says that the cluster was born without it, and founds no other', async () => {
  const town = new Town();
  await town.cluster(3);
  const late = [
    await town.start('n4', { expect: 2, join: ['n1:7', 'n5:7'] }),
    await town.start('n5', { expect: 2, join: ['n1:7', 'n4:7'] }),
    await town.start('n6', { join: ['n1:7'] }),
  ];
  await town.clock.pass(5_000);
  for (const { serves, awaited, name } of late) {
    expect(serves).toBe(false);
    expect(awaited).toMatch(`born without ${name}; its members are fixed`);
  }
});

test('a cluster that greets a newcomer by chance does not keep it from founding its own', async () => {
  const town = new Town();
  const [, , n3] = await town.cluster(3);
  // Its members go on greeting the address where n3 was.
  n3!.kill();
  const here = await town.start('m1', { expect: 2, at: 'n3:7' });
  await town.clock.pass(3_000);
  expect(here.awaited).toMatch(/n[12] is not listened to: it belongs to cluster .* born without m1/);
  const there = await town.start('m2', { expect: 2, join: ['n3:7'] });
  await town.allServe([here, there]);
  expectOne([here, there]);
});
