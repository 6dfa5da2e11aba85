/**
 * What the client knows of the ring, and what it does with it: requests go to those that hold the key, where
 * they really are.
 */
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Client, connect } from '../../src/client/index.ts';
import { KnownNode } from '../../src/client/known-node.ts';
import { Nodes } from '../../src/client/nodes.ts';
import { RingKeeper } from '../../src/client/ring-keeper.ts';
import { type RingReply, readRing, type SeenRing } from '../../src/client/ring-table.ts';
import { placeKey } from '../../src/core/ring/placement.ts';
import { fakeNodes } from './support/fake-cluster.ts';
import type { FakeNode } from './support/fake-node.ts';
import { ScriptedLine } from './support/scripted-line.ts';
import { VirtualSurroundings } from './support/virtual-surroundings.ts';

const CLUSTER = Buffer.from('00ff00ff00ff00ff', 'hex');

/** Two partitions: the first is held by n1 and n2, the second by n2 and n3. */
function ringOf(addresses: readonly string[], more: Partial<RingReply> = {}): RingReply {
  return {
    node: 'n1',
    clusterId: CLUSTER,
    epoch: 1,
    members: addresses.map((address, i) => ({ name: `n${i + 1}`, address, up: true })),
    primaries: [{ members: [0, 1] }, { members: [1, 2] }],
    ...more,
  };
}

/** A key of the first or the second partition. */
function keyIn(partition: number, from = 0): string {
  for (let i = from; ; i += 1)
    if (placeKey({ bucket: 'carts', key: `k${i}` }, 2).partition === partition) return `k${i}`;
}

describe('against real nodes', () => {
  async function cluster({ given = 3 } = {}) {
    const nodes = await fakeNodes(3);
    const addresses = nodes.map(node => node.address);
    for (const [i, node] of nodes.entries())
      node.ring = { ...ringOf(addresses), node: `n${i + 1}` } as FakeNode['ring'];
    const client = connect(addresses.slice(0, given));
    onTestFinished(() => client.close());
    return { nodes, addresses, client };
  }

  /** So many writes that the ring has been fetched meanwhile. */
  async function warm(client: Client, isWarm: () => Promise<boolean>): Promise<void> {
    const bucket = client.bucket('warm');
    await expect
      .poll(async () => {
        await bucket.get('x');
        return isWarm();
      })
      .toBe(true);
  }

  async function learns(client: Client, nodes: readonly FakeNode[]): Promise<void> {
    await warm(client, async () => {
      for (const node of nodes) node.heard.length = 0;
      for (let i = 0; i < 3; i += 1) await client.bucket('carts').put(keyIn(1), 'x');
      return nodes[1]!.heard.length === 3;
    });
    for (const node of nodes) node.heard.length = 0;
  }

  test('a write goes to the first owner of its key, reads go to all owners, and none to others', async () => {
    const { nodes, client } = await cluster();
    await learns(client, nodes);
    const bucket = client.bucket('carts');
    await bucket.put(keyIn(0), 'eggs');
    for (let i = 0; i < 4; i += 1) await bucket.get(keyIn(0));
    expect(nodes.map(node => node.heard.map(({ method }) => method))).toEqual([
      ['Put', 'Get', 'Get'],
      ['Get', 'Get'],
      [],
    ]);
  });

  test('nodes that were not named are found', async () => {
    const { nodes, client } = await cluster({ given: 1 });
    await learns(client, nodes);
    await client.bucket('carts').put(keyIn(1), 'eggs');
    expect(nodes.map(node => node.heard.length)).toEqual([0, 1, 0]);
  });

  test('when the owners of a key are down another node is asked', async () => {
    const { nodes, client } = await cluster();
    await learns(client, nodes);
    nodes[1]!.stop();
    nodes[2]!.stop();
    await client.bucket('carts').put(keyIn(1), 'eggs');
    expect(nodes[0]!.heard.map(({ method }) => method)).toEqual(['Put']);
  });

  test('a newer epoch is followed', async () => {
    const { nodes, addresses, client } = await cluster();
    await learns(client, nodes);
    for (const [i, node] of nodes.entries()) {
      node.epoch = 2;
      const primaries = [{ members: [2] }, { members: [0] }];
      node.ring = { ...ringOf(addresses, { epoch: 2, primaries }), node: `n${i + 1}` } as FakeNode['ring'];
    }
    const bucket = client.bucket('carts');
    await expect
      .poll(
        async () => {
          await Promise.all([bucket.get(keyIn(0)), bucket.get(keyIn(1))]);
          nodes[2]!.heard.length = 0;
          await bucket.put(keyIn(0), 'eggs');
          return nodes[2]!.heard.length;
        },
        { timeout: 5000 },
      )
      .toBe(1);
  }, 10_000);

  test('a client that makes one call does not ask for the ring', async () => {
    const { nodes, client } = await cluster({ given: 1 });
    let asked = 0;
    Object.defineProperty(nodes[0]!, 'ring', {
      get: () => {
        asked += 1;
        return {};
      },
    });
    await client.bucket('carts').get('ann');
    await client.close();
    expect(asked).toBe(0);
  });
});

describe('which addresses are used', () => {
  /** What answers at which address. */
  function setUp(given: readonly string[], answers: Readonly<Record<string, RingReply | undefined>>) {
    const world = new VirtualSurroundings();
    const nodes = new Nodes(given, address => new KnownNode(address, new ScriptedLine(address, world)));
    const asked: string[] = [];
    const ask = async (address: string): Promise<SeenRing | undefined> => {
      asked.push(address);
      const reply = answers[address];
      return reply && readRing(reply);
    };
    const keeper = new RingKeeper({ nodes, surroundings: world, ask });
    const owners = (partition: number) => nodes.ownersOf(partition).map(({ address }) => address);
    const learn = async () => {
      keeper.begun();
      keeper.begun();
      await world.pass(0);
    };
    return { world, nodes, keeper, asked, owners, learn };
  }

  const addresses = ['a:1', 'b:1', 'c:1'];
  const ring = ringOf(addresses);

  test('those that were given are not doubted, others are asked who they are', async () => {
    const { learn, owners, asked } = setUp(['a:1'], {
      'a:1': ring,
      'b:1': { ...ring, node: 'n2' },
      'c:1': { ...ring, node: 'n3' },
    });
    await learn();
    expect([owners(0), owners(1), asked]).toEqual([['a:1', 'b:1'], ['b:1', 'c:1'], addresses]);
  });

  test('behind a load balancer, from which no node is reached, everything goes on through it', async () => {
    const { learn, owners, nodes } = setUp(['lb:1'], { 'lb:1': ring });
    await learn();
    expect([owners(0), owners(1), nodes.all.map(({ address }) => address)]).toEqual([
      ['lb:1'],
      ['lb:1'],
      ['lb:1'],
    ]);
  });

  test.each<[string, Partial<RingReply>]>([
    [
      'a node of another cluster, in whose network the address means somebody else',
      { clusterId: Buffer.alloc(8) },
    ],
    ['another node of the cluster: it listens on 0.0.0.0, and that is here', { node: 'n1' }],
  ])('nor is %s taken for it', async (_, who) => {
    const { learn, owners } = setUp(['a:1'], { 'a:1': ring, 'b:1': { ...ring, node: 'n2', ...who } });
    await learn();
    expect(owners(0)).toEqual(['a:1']);
  });

  test('one that did not answer is tried again later', async () => {
    const answers: Record<string, RingReply> = { 'a:1': ring };
    const { learn, owners, keeper, world } = setUp(['a:1'], answers);
    await learn();
    answers['b:1'] = { ...ring, node: 'n2' };
    world.time += 9_000;
    keeper.look(world.time);
    await world.pass(0);
    expect(owners(0)).toEqual(['a:1']);
    world.time += 2_000;
    keeper.look(world.time);
    await world.pass(0);
    expect(owners(0)).toEqual(['a:1', 'b:1']);
  });

  test('a node that moved is found where it is now', async () => {
    const answers: Record<string, RingReply> = { 'a:1': ring, 'b:1': { ...ring, node: 'n2' } };
    const { learn, owners, keeper, world } = setUp(['a:1'], answers);
    await learn();
    answers['a:1'] = ringOf(['a:1', 'b:9', 'c:1']);
    answers['b:9'] = { ...ring, node: 'n2' };
    world.time += 11_000;
    keeper.failed(world.time);
    keeper.look(world.time);
    await world.pass(0);
    expect(owners(0)).toEqual(['a:1', 'b:9']);
  });

  test('an old node, which knows no such question, is asked less and less often', async () => {
    const { learn, keeper, world, asked } = setUp(['a:1'], {});
    await learn();
    for (let second = 0; second < 600; second += 1) {
      world.time += 1000;
      keeper.look(world.time);
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
    }
    expect(asked.length).toBeLessThan(20);
  });

  test('an older ring than the one that is known is not taken', async () => {
    const answers: Record<string, RingReply> = { 'a:1': ringOf(addresses, { epoch: 5 }) };
    const { learn, nodes, keeper, world } = setUp(['a:1'], answers);
    await learn();
    answers['a:1'] = ring;
    world.time += 20_000;
    keeper.look(world.time);
    await world.pass(0);
    expect(nodes.epoch).toBe(5);
  });
});

describe('what is no ring', () => {
  test.each<[string, Partial<RingReply>]>([
    ['one that is not born', { epoch: 0 }],
    ['one without partitions', { primaries: [] }],
    ['three partitions', { primaries: [{ members: [0] }, { members: [1] }, { members: [2] }] }],
    ['a partition that nobody holds', { primaries: [{ members: [0] }, { members: [] }] }],
    ['an owner that is no member', { primaries: [{ members: [0] }, { members: [3] }] }],
    ['an epoch beyond what numbers hold', { epoch: 2 ** 53 }],
  ])('%s', (_, more) => {
    expect(readRing(ringOf(['a:1', 'b:1', 'c:1'], more))).toBeUndefined();
  });

  test('what is no address is no reason to refuse it: that node was never met', () => {
    expect(readRing(ringOf(['a:1', '', 'http://c']))!.addresses).toEqual(['a:1', '', '']);
  });
});
