/**
 * What anybody who can reach the peer port may say, without crashing, stopping or corrupting a node that
 * serves.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { bootId, clusterId, incarnation, nodeName } from '../../src/base/ids.ts';
import { NODES_MAX } from '../../src/core/limits.ts';
import { type Cluster, type Member, nameOfCluster } from '../../src/core/membership/cluster.ts';
import type { Greeting } from '../../src/ports/meeting.ts';
import { type Process, Town } from './support/town.ts';

const member = (name: string, more: Partial<Member> = {}): Member => ({
  name: nodeName(name),
  zone: '',
  weight: 1,
  address: `${name}:9000`,
  peerAddress: `${name}:9`,
  bootId: bootId('ee'.repeat(16)),
  ...more,
});
const founder = (name: string) => ({ name: nodeName(name), zone: '', weight: 1, nonce: 'ee'.repeat(16) });
const greeting = (self: Member, more: Partial<Greeting> = {}): Greeting => ({
  self,
  version: 1,
  disputedVersion: 0,
  disputedDown: false,
  expect: undefined,
  founder: undefined,
  members: [self],
  met: [],
  vote: undefined,
  named: more.cluster && nameOfCluster(more.cluster),
  cluster: undefined,
  incarnation: undefined,
  highestCounter: 0,
  store: { id: 'ee'.repeat(16), lastBatch: 0 },
  rememberedBatch: 0,
  ...more,
});
const crowd = Array.from({ length: NODES_MAX }, (_, i) => member(`x${String(i).padStart(3, '0')}`));

describe('a node that serves', () => {
  let town: Town;
  let nodes: readonly Process[];
  let files: readonly (string | undefined)[];

  beforeEach(async () => {
    town = new Town();
    nodes = await town.cluster(2);
    // What the nodes have heard of each other is written down by then (cluster-memory).
    await town.clock.pass(3_000);
    files = nodes.map(({ disk }) => disk.cluster.text);
  });

  async function unmoved(): Promise<void> {
    await town.clock.pass(5_000);
    for (const [i, node] of nodes.entries()) {
      expect([node.status.state, node.refused, node.addressOf('n1'), node.addressOf('n2')]).toEqual([
        'serving',
        undefined,
        'n1:7',
        'n2:7',
      ]);
      expect(node.status.members).toHaveLength(2);
      expect(node.status.recoveringPartitions).toBe(0);
      expect(node.disk.cluster.text).toBe(files[i]);
    }
    await town.put(nodes[0]!, { w: 2 });
  }

  const own = (): Cluster => nodes[0]!.status.cluster!;
  const crooked = (): Cluster => {
    const { id, ring } = own();
    return { id, ring: { ...ring, primaries: ring.primaries.map(owners => [...owners].reverse()) } };
  };
  const foreign = (): Cluster => ({ ...own(), id: clusterId('ee'.repeat(8)) });

  test.each<[what: string, said: () => Greeting]>([
    ['that bears its name', () => greeting(member('n1'))],
    [
      'that is its own, with an incarnation to ask about',
      () => greeting(nodes[0]!.status.members[0]!, { incarnation: incarnation(Buffer.alloc(8)) }),
    ],
    ['that bears the name of a member which lives elsewhere', () => greeting(member('n2'))],
    [
      'that names 256 strangers',
      () => greeting(member('x000'), { members: crowd, met: crowd.map(({ name }) => founder(name)) }),
    ],
    [
      'of a member that names 256 strangers',
      () =>
        greeting(nodes[1]!.status.members[1]!, {
          members: crowd,
          met: crowd.map(({ name }) => founder(name)),
        }),
    ],
    ['of another cluster', () => greeting(member('n2'), { cluster: foreign() })],
    [
      'of a member, for another cluster',
      () => greeting(nodes[1]!.status.members[1]!, { cluster: foreign() }),
    ],
    [
      'of its own cluster and epoch, with another ring',
      () => greeting(nodes[1]!.status.members[1]!, { cluster: crooked() }),
    ],
    ['that only names another cluster', () => greeting(member('n2'), { named: nameOfCluster(foreign()) })],
    [
      'of a member that only names another ring of its cluster and epoch',
      () => greeting(nodes[1]!.status.members[1]!, { named: nameOfCluster(crooked()) }),
    ],
    [
      'of a member that only names another epoch',
      () => greeting(nodes[1]!.status.members[1]!, { named: { ...nameOfCluster(own()), epoch: 2 } }),
    ],
    [
      'with a vote for something else',
      () =>
        greeting(nodes[1]!.status.members[1]!, { founder: founder('n2'), expect: 9, vote: [founder('n2')] }),
    ],
    [
      'that moves its own name elsewhere',
      () => greeting(nodes[1]!.status.members[1]!, { members: [member('n1'), member('n2')] }),
    ],
  ])('goes on as it was after a greeting %s', async (_what, said) => {
    for (let i = 0; i < 3; i++) {
      const answer = await town.greet('n1:7', said());
      expect(answer.self.name).toBe('n1');
      expect(answer.members.length).toBeLessThanOrEqual(2);
    }
    await unmoved();
  });

  test('says each strange thing once, and only so many', async () => {
    for (let i = 0; i < 300; i++) {
      await town.greet('n1:7', greeting(member(`x${i}`)));
      await town.greet('n1:7', greeting(member('n1')));
    }
    const reports = nodes[0]!.log.lines.filter(({ event }) => event === 'a greeting was not listened to');
    expect(reports).toHaveLength(100);
    expect(reports.filter(({ facts }) => facts!.from === 'n1')).toHaveLength(1);
    await unmoved();
  });
});

test('a node that waits takes in no more than a greeting can hold, and says who is too many', async () => {
  const town = new Town();
  const n1 = await town.start('n1', { expect: 3 });
  const met = crowd.map(({ name }) => founder(name));
  for (const name of ['x000', 'y', 'z'])
    await town.greet(
      'n1:7',
      greeting(member(name), { expect: 3, members: crowd, founder: founder(name), met }),
    );
  const answer = await town.greet('n1:7', greeting(member('x001')));
  expect(answer.members.length).toBeLessThanOrEqual(NODES_MAX);
  expect(answer.met.length).toBeLessThanOrEqual(NODES_MAX);
  expect(n1.awaited).toMatch(/nodes have met but 3 are expected/);
});
