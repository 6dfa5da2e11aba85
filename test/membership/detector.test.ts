/** Who is found to be gone, how soon, and above all who is not (DESIGN §7, *Detection*; TRAPS R10 to R12). */
import { describe, expect, test } from 'vitest';
import { nodeName } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { Entry } from '../../src/core/membership/view.ts';
import { BEAT_MS } from '../../src/membership/detector.ts';
import type { Gossip } from '../../src/ports/gossip.ts';
import { changesIn, downsBy, eachTakes, takenFor } from './support/sights.ts';
import { type Process, Town } from './support/town.ts';

const KNOWN_MS_MAX = 3_000;
const LAST_KNOWN_MS_MAX = 4_000;
const HOUR_MS = 3_600_000;

const others = (nodes: readonly Process[], ...but: readonly Process[]) =>
  nodes.filter(node => !but.includes(node));
const ones = (nodes: readonly Process[]) => nodes.map(() => 1);
const zeros = (nodes: readonly Process[]) => nodes.map(() => 0);

/** A cluster that has gossiped for a while. */
async function settled(size: number, seed = 7): Promise<{ town: Town; nodes: readonly Process[] }> {
  const town = new Town(seed);
  const nodes = await town.cluster(size);
  await town.clock.pass(5_000);
  expect(downsBy(nodes)).toEqual(zeros(nodes));
  return { town, nodes };
}

function allWell(town: Town, nodes: readonly Process[]): Promise<void> {
  return town.until(
    () => nodes.every(({ name }) => eachTakes(name, nodes, 'alive') && nodes.every(node => node.sees(name))),
    () => nodes.map(({ name }) => `${name} ${takenFor(name, nodes)}`).join('; '),
  );
}

describe.each([3, 5, 9])('of %d nodes one', size => {
  test.each([1, 2, 3])(
    'that is killed is down for all within 3 s, and nobody else is (seed %d)',
    async seed => {
      const { town, nodes } = await settled(size, seed);
      const [victim, ...rest] = nodes;
      victim!.kill();
      await town.clock.pass(KNOWN_MS_MAX);
      expect(takenFor('n1', rest)).toEqual(rest.map(({ name }) => `${name}: down`));
      await town.clock.pass(20_000);
      expect(downsBy(rest)).toEqual(ones(rest));
    },
  );

  test('that is frozen is down for all within 3 s; awake again it is alive for all, and has called nobody down', async () => {
    const { town, nodes } = await settled(size);
    const [victim, ...rest] = nodes;
    victim!.clock.freeze();
    await town.clock.pass(KNOWN_MS_MAX);
    expect(takenFor('n1', rest)).toEqual(rest.map(({ name }) => `${name}: down`));
    victim!.clock.thaw();
    await town.clock.pass(1_000);
    await allWell(town, nodes);
    await town.clock.pass(20_000);
    expect(downsBy(nodes)).toEqual([0, ...ones(rest)]);
  });
});

describe('of nine nodes, nobody else is ever called down (TRAPS R10)', () => {
  test.each([1, 2, 3])('while one hangs for five seconds, and when it wakes (seed %d)', async seed => {
    const { town, nodes } = await settled(9, seed);
    const hanging = nodes[4]!;
    hanging.clock.freeze();
    await town.clock.pass(5_000);
    hanging.clock.thaw();
    await town.clock.pass(10_000);
    await allWell(town, nodes);
    expect(hanging.counted('detector.stalled')).toBeGreaterThan(0);
    expect(hanging.counted('member.down')).toBe(0);
    expect(downsBy(others(nodes, hanging))).toEqual(ones(others(nodes, hanging)));
  });

  test('while two hang one after the other', async () => {
    const { town, nodes } = await settled(9);
    const hanging = [nodes[0]!, nodes[8]!];
    for (const node of hanging) {
      node.clock.freeze();
      await town.clock.pass(5_000);
      node.clock.thaw();
    }
    await town.clock.pass(10_000);
    await allWell(town, nodes);
    for (const node of others(nodes, ...hanging)) expect(node.counted('member.down')).toBe(2);
    for (const node of hanging) expect(node.counted('member.down')).toBeLessThanOrEqual(1);
  });

  test('while each of them stumbles for a second, again and again', async () => {
    const { town, nodes } = await settled(9);
    for (let i = 0; i < 30; i++) {
      const node = nodes[(i * 5) % 9]!;
      node.clock.freeze();
      await town.clock.pass(1_000);
      node.clock.thaw();
      await town.clock.pass(300);
    }
    expect(downsBy(nodes)).toEqual(zeros(nodes));
  });

  test.each([1, 2])('while three of ten messages are lost (seed %d)', async seed => {
    const { town, nodes } = await settled(9, seed);
    const chance = new SeededRandom(seed);
    town.loses = () => chance.fraction() < 0.3;
    await town.clock.pass(30_000);
    expect(downsBy(nodes)).toEqual(zeros(nodes));
  });

  test.each([HOUR_MS, -HOUR_MS])('when the clock on the wall jumps by %d ms', async ms => {
    const { town, nodes } = await settled(9);
    town.clock.wallSetByMs = ms;
    await town.clock.pass(20_000);
    town.clock.wallSetByMs = 0;
    await town.clock.pass(20_000);
    for (const node of nodes)
      expect([node.counted('member.suspected'), node.counted('member.down')]).toEqual([0, 0]);
  });
});

describe('cuts', () => {
  test('one that a single node cannot reach is alive for all, and not to be asked by that one, without flapping', async () => {
    const { town, nodes } = await settled(5);
    town.cut('n1:7', 'n2:7');
    await town.clock.pass(3_000);
    const changes = await changesIn(town, { nodes, ms: 20_000 });
    expect(takenFor('n2', nodes)).toEqual(['n1: alive', 'n3: alive', 'n4: alive', 'n5: alive']);
    expect(nodes.map(node => node.sees('n2'))).toEqual([false, true, true, true, true]);
    expect([...changes]).toEqual([]);
    expect(downsBy(nodes)).toEqual(zeros(nodes));
    expect(nodes[0]!.counted('probe.indirect')).toBeGreaterThan(0);
    town.heal();
    await allWell(town, nodes);
  });

  test('a bridge of one node keeps two halves of four alive for each other (TRAPS R12)', async () => {
    const { town, nodes } = await settled(9);
    const [left, right] = [nodes.slice(1, 5), nodes.slice(5)];
    for (const a of left)
      for (const b of right) {
        town.cut(a.at, b.at);
        town.cut(b.at, a.at);
      }
    await town.clock.pass(5_000);
    const changes = await changesIn(town, { nodes, ms: 20_000 });
    expect(downsBy(nodes)).toEqual(zeros(nodes));
    expect([...changes]).toEqual([]);
    for (const node of nodes) expect(node.counted('member.suspected')).toBeLessThan(10);
    expect(left.map(node => right.some(({ name }) => node.sees(name)))).toEqual([false, false, false, false]);
    town.heal();
    await allWell(town, nodes);
  });

  test('one that is cut off from all is down for them; when it is back, it takes nobody down with its old belief', async () => {
    const { town, nodes } = await settled(12);
    const [alone, ...rest] = nodes;
    const cutOff = (from: Process, to: Process) => from === alone || to === alone;
    town.loses = cutOff;
    await town.clock.pass(60_000);
    expect(eachTakes('n1', rest, 'down')).toBe(true);
    expect(rest.map(({ name }) => alone!.takes(name))).toEqual(rest.map(() => 'down'));
    town.loses = () => false;
    await town.clock.pass(10_000);
    await allWell(town, nodes);
    expect(downsBy(rest)).toEqual(ones(rest));
  });

  test('one that hears nobody doubts itself first: it suspects nobody within three seconds', async () => {
    const { town, nodes } = await settled(5);
    const alone = nodes[0]!;
    town.loses = (from, to) => from === alone || to === alone;
    await town.clock.pass(2_800);
    expect(alone.counted('member.suspected')).toBe(0);
    await town.clock.pass(3_000);
    expect(alone.counted('member.suspected')).toBeGreaterThan(0);
  });

  test('two halves that could not hear each other agree again, and each has called each of the others down once', async () => {
    const { town, nodes } = await settled(6);
    const isLeft = (node: Process) => nodes.indexOf(node) < 3;
    town.loses = (from, to) => isLeft(from) !== isLeft(to);
    await town.clock.pass(30_000);
    for (const node of nodes)
      for (const other of nodes) {
        const isNear = isLeft(node) === isLeft(other);
        expect(`${node.name} takes ${other.name} for ${node.takes(other.name)}`).toBe(
          `${node.name} takes ${other.name} for ${isNear ? 'alive' : 'down'}`,
        );
      }
    town.loses = () => false;
    await town.clock.pass(10_000);
    await allWell(town, nodes);
    expect(downsBy(nodes)).toEqual([3, 3, 3, 3, 3, 3]);
  });
});

describe.each<['killed' | 'paused', number]>([
  ['killed', 2],
  ['killed', 3],
  ['killed', 5],
  ['paused', 2],
  ['paused', 3],
  ['paused', 5],
])('when all but one are %s', (how, size) => {
  test.each([1, 2, 3])(`the last of ${size} takes all others for down within 4 s (seed %d)`, async seed => {
    const { town, nodes } = await settled(size, seed);
    const [last, ...rest] = nodes;
    for (const node of rest)
      if (how === 'killed') node.kill();
      else node.state = 'paused';
    await town.clock.pass(LAST_KNOWN_MS_MAX);
    expect(rest.map(({ name }) => last!.takes(name))).toEqual(rest.map(() => 'down'));
    expect(last!.status.state).toBe('serving');
  });
});

test.each([
  [2, 1],
  [3, 1],
  [5, 2],
  [9, 4],
])(
  'of %d nodes one that stops cleanly is down for all within %d beats: sooner than by silence',
  async (size, beats) => {
    const { town, nodes } = await settled(size);
    const [leaving, ...rest] = nodes;
    await town.leave(leaving!);
    await town.clock.pass(beats * BEAT_MS);
    expect(takenFor('n1', rest)).toEqual(rest.map(({ name }) => `${name}: down`));
  },
);

test('a node that ends does not deny it, whoever asks', async () => {
  const { town, nodes } = await settled(3);
  const [ending, n2, n3] = nodes as [Process, Process, Process];
  ending.node.drain();
  await town.clock.pass(2 * BEAT_MS);
  const again = await town.start('n3', { disk: n3.kill() });
  await town.clock.pass(5_000);
  expect(takenFor('n1', [n2, again])).toEqual(['n2: down', 'n3: down']);
  expect(n2.counted('member.down')).toBe(1);
});

/** One member says this to another. */
function say(
  town: Town,
  { from, to }: { from: Process; to: Process },
  entries: readonly Entry[],
): Promise<Gossip> {
  const { cluster, ringDigest } = from.status;
  const way = { sender: nodeName(from.name), recipient: nodeName(to.name), bootId: from.bootId };
  const store = { id: 'ee'.repeat(16), lastBatch: 0 };
  const said = { digest: '00'.repeat(8), entries, whole: true, store };
  return town.gossip(to.at, said, { clusterId: cluster!.id, epoch: 1, ringDigest, ...way });
}

test('a member whose last word came late, when it was suspect already, is down in the end', async () => {
  const { town, nodes } = await settled(2);
  const [n1, n2] = nodes as [Process, Process];
  n2.kill();
  await town.until(
    () => n1.takes('n2') === 'suspect',
    () => 'it is suspect',
  );
  await town.clock.pass(500);
  await say(town, { from: n2, to: n1 }, []);
  await town.clock.pass(2_900);
  expect(n1.takes('n2')).toBe('suspect');
  await town.clock.pass(1_000);
  expect(n1.takes('n2')).toBe('down');
});

test('who tells this node itself that it has too much to do is not down, whoever suspects it', async () => {
  const { town, nodes } = await settled(5);
  const [busy, n2, n3] = nodes as [Process, Process, Process];
  busy.overloaded = true;
  town.loses = from => from === busy;
  await town.clock.pass(2_000);
  const { entries } = await say(town, { from: n3, to: n2 }, []);
  const known = entries.find(({ name }) => name === 'n1')!;
  const suspectedBy = ['n3', 'n4', 'n5'].map(nodeName);
  const { version } = known;
  await say(town, { from: n3, to: n2 }, [{ ...known, version: version + 1, state: 'suspect', suspectedBy }]);
  expect(n2.takes('n1')).toBe('suspect');
  await town.clock.pass(20_000);
  const rest = others(nodes, busy);
  expect(downsBy(rest)).toEqual(zeros(rest));
});

test('a node that has too much to do to answer anybody is neither suspect nor down', async () => {
  const { town, nodes } = await settled(5);
  nodes[0]!.overloaded = true;
  await town.clock.pass(20_000);
  expect(takenFor('n1', nodes)).toEqual(['n2: alive', 'n3: alive', 'n4: alive', 'n5: alive']);
  expect(nodes.map(node => node.sees('n1'))).toEqual(nodes.map(() => true));
  expect(nodes.map(node => node.counted('member.suspected'))).toEqual(zeros(nodes));
});

test.each([3, 5])(
  'of %d nodes one that is dead is down for one whose link there is full, too: that it can take no more is no answer',
  async size => {
    const { town, nodes } = await settled(size);
    const [dead, full, ...rest] = nodes as [Process, Process, ...Process[]];
    full.fullTo = dead.name;
    await town.clock.pass(5_000);
    expect(full.takes('n1')).toBe('alive');
    dead.kill();
    await town.clock.pass(KNOWN_MS_MAX);
    expect(takenFor('n1', [full, ...rest])).toEqual([full, ...rest].map(({ name }) => `${name}: down`));
  },
);
