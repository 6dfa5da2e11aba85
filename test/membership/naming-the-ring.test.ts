/**
 * A greeting names its speaker's cluster, and brings the ring to whoever may not have it. Whatever was
 * wrongly taken for known mends itself.
 */
import { describe, expect, test } from 'vitest';
import { clusterId } from '../../src/base/ids.ts';
import { type ClusterName, nameOfCluster } from '../../src/core/membership/cluster.ts';
import type { Greeting } from '../../src/ports/meeting.ts';
import { sampleGreeting, sampleMember } from '../support/samples.ts';
import type { CrashingDisk } from './support/crashing-disk.ts';
import { type Met, type Process, Town } from './support/town.ts';

const NOBODY = 'nobody:7';
const said = ({ named, cluster }: Greeting): string =>
  cluster !== undefined ? 'ring' : named === undefined ? 'none' : 'name';
const words = ({ asked, answer }: Met): string => `${said(asked)}, ${said(answer)}`;
const between = (town: Town, { from, to }: { from?: Process; to?: Process }): readonly Met[] =>
  town.met.filter(met => (from ?? met.from) === met.from && (to ?? met.to) === met.to);

/** n1 … n3, which have heard of each other that all have the same ring. */
async function acquainted(): Promise<{ town: Town; nodes: readonly [Process, Process, Process] }> {
  const town = new Town();
  const [n1, n2, n3] = await town.cluster(3);
  await town.clock.pass(2_000);
  town.met.length = 0;
  return { town, nodes: [n1!, n2!, n3!] };
}

async function taken(town: Town, again: Process, born: string | undefined): Promise<void> {
  await town.allServe([again]);
  expect(again.clusterId).toBe(born);
  await town.until(
    () => again.status.recoveringPartitions === 0,
    () => again.awaited,
  );
}

/** The name of a cluster of one, n1. */
async function someName(town: Town): Promise<ClusterName> {
  const [n1] = await town.cluster(1);
  return nameOfCluster(n1!.status.cluster!);
}

/** A greeting of n7 that names a cluster. */
function naming(named: ClusterName | undefined): Greeting {
  const self = { ...sampleMember('n7'), peerAddress: 'n7:7' };
  const nothing = {
    founder: undefined,
    met: [],
    vote: undefined,
    cluster: undefined,
    incarnation: undefined,
  };
  return { ...sampleGreeting(), expect: undefined, self, members: [self], named, ...nothing };
}

/** The file as a node that belongs to another ring of the same cluster would have it. */
function withRing(
  disk: CrashingDisk,
  change: (ring: { epoch: number; primaries: number[][] }) => void,
): void {
  const file = JSON.parse(disk.cluster.text!);
  change(file.cluster.ring);
  disk.cluster.text = JSON.stringify(file);
}

test('members that have greeted each other only gossip from then on', async () => {
  const { town, nodes } = await acquainted();
  await town.clock.pass(20_000);
  expect(town.met).toEqual([]);
  expect(nodes.map(node => nodes.every(other => node.sees(other.name)))).toEqual([true, true, true]);
});

test('how a cluster came to be is told until it is born, and not with every heartbeat after', async () => {
  const town = new Town();
  await town.cluster(3);
  expect(town.met.some(({ asked }) => asked.vote?.length === 3)).toBe(true);
  const ofMembers = town.met.flatMap(({ asked, answer }) => [asked, answer]).filter(({ named }) => named);
  expect(ofMembers.length).toBeGreaterThan(0);
  expect(ofMembers.filter(({ vote }) => vote !== undefined)).toEqual([]);
});

test('a member that starts again brings its ring once, for it has heard nobody yet, and is answered with the name', async () => {
  const { town, nodes } = await acquainted();
  const again = await town.start('n1', { disk: nodes[0].kill() });
  await town.allServe([again]);
  await town.clock.pass(1_000);
  const [first, ...more] = between(town, { from: again, to: nodes[1] });
  expect(words(first!)).toBe('ring, name');
  expect(more.map(words).filter(word => word !== 'name, name')).toEqual([]);
});

describe('a node that has forgotten everything, where others know a member to have the ring', () => {
  test('and knows nobody: it is greeted by name, and at once again with the ring', async () => {
    const { town, nodes } = await acquainted();
    nodes[2].kill();
    const wiped = await town.start('n3');
    await taken(town, wiped, nodes[0].clusterId);
    const [first, second] = between(town, { from: nodes[0], to: wiped });
    expect([first!, second!].map(words)).toEqual(['name, none', 'ring, none']);
    expect(second!.atMs).toBe(first!.atMs);
  });

  test('and whose answers are lost: the ring comes with the next greeting, and it founds nothing meanwhile', async () => {
    const { town, nodes } = await acquainted();
    nodes[2].kill();
    town.mute('n3:7');
    const wiped = await town.start('n3');
    await town.until(
      () => wiped.serves,
      () => wiped.awaited,
    );
    expect(wiped.clusterId).toBe(nodes[0].clusterId);
    expect(words(between(town, { from: nodes[0], to: wiped })[0]!)).toBe('name, none');
  });

  test('but its records: the others’ greetings alone bring it back to its cluster', async () => {
    const { town, nodes } = await acquainted();
    await town.put(nodes[0], { w: 3 });
    const disk = nodes[2].kill();
    disk.cluster.text = undefined;
    const again = await town.start('n3', { disk, join: [NOBODY] });
    await taken(town, again, nodes[0].clusterId);
    expect(words(between(town, { from: nodes[0], to: again })[0]!)).toBe('name, none');
  });

  test('but whom to ask: the answer to a question that names nothing brings the ring', async () => {
    const { town, nodes } = await acquainted();
    nodes[2].kill();
    for (const other of ['n1:7', 'n2:7']) town.cut(other, 'n3:7');
    const wiped = await town.start('n3', { join: ['n1:7'] });
    await town.until(
      () => wiped.clusterId !== undefined,
      () => wiped.awaited,
    );
    expect(wiped.clusterId).toBe(nodes[0].clusterId);
    expect(words(between(town, { from: wiped })[0]!)).toBe('none, ring');
  });
});

describe('who only names a cluster, and never brings its ring,', () => {
  test('is not known, and keeps nobody from founding another', async () => {
    const town = new Town();
    const named = await someName(town);
    const here = await town.start('m1', { expect: 2 });
    for (let i = 0; i < 3; i++) {
      expect(said(await town.greet('m1:7', naming(named)))).toBe('none');
      await town.clock.pass(1_000);
    }
    expect(here.status.members.map(({ name }) => name)).toEqual(['m1']);
    const there = await town.start('m2', { expect: 2, join: ['m1:7'] });
    await town.allServe([here, there]);
    expect(here.clusterId).not.toBe(named.id);
  });

  test('is reason enough to listen on, for a node about to found a cluster alone', async () => {
    const town = new Town();
    const named = await someName(town);
    const alone = await town.start('m1');
    await town.clock.pass(1_400);
    await town.greet('m1:7', naming(named));
    await town.clock.pass(1_400);
    expect(alone.awaited).toBe('a word from a cluster that may count this node as its member');
    await town.allServe([alone]);
  });
});

test('an answer leaves the ring out only for the very same cluster, epoch and ring', async () => {
  const town = new Town();
  const same = await someName(town);
  const answerTo = async (named: ClusterName | undefined) => said(await town.greet('n1:7', naming(named)));
  expect(await answerTo(same)).toBe('name');
  for (const other of [{ id: clusterId('ee'.repeat(8)) }, { epoch: 2 }, { ringDigest: 'ee'.repeat(16) }])
    expect(await answerTo({ ...same, ...other })).toBe('ring');
  expect(await answerTo(undefined)).toBe('ring');
});

describe('where a member was, and was known to have the ring,', () => {
  test('another cluster answers now: both say so, by its name alone, and neither is moved', async () => {
    const { town, nodes } = await acquainted();
    const [n1, n2, n3] = nodes;
    const disk = n3.kill();
    const stranger = await town.start('m1', { expect: 1, at: 'n3:7' });
    await town.clock.pass(3_000);
    const born = n1.clusterId;
    expect(n1.said).toMatch(`"m1","why":"it belongs to cluster ${stranger.clusterId}, this node to ${born}"`);
    expect(stranger.said).toMatch(`it belongs to cluster ${born}, this node to ${stranger.clusterId}`);
    expect(n1.refused ?? stranger.refused).toBeUndefined();
    expect([n1.sees('m1'), stranger.sees('n1')]).toEqual([false, false]);
    const moved = await town.start('n3', { at: 'new:7', disk });
    await town.allServe([n1, n2, moved]);
  });

  test('the same member answers under another epoch: both bring their ring, go on to hear each other, and refuse the rest', async () => {
    const { town, nodes } = await acquainted();
    const disk = nodes[2].kill();
    withRing(disk, ring => {
      ring.epoch = 2;
    });
    const ahead = await town.start('n3', { disk });
    await town.allServe([nodes[0], nodes[1], ahead]);
    await town.clock.pass(5_000);
    const [first, ...later] = between(town, { from: nodes[0], to: ahead }).map(words);
    expect([first, ...new Set(later)]).toEqual(['name, ring', 'ring, ring']);
    expect(nodes[0].sees('n3') && ahead.sees('n1')).toBe(true);
    await expect(town.put(ahead, { w: 2 })).rejects.toThrow(/OUTCOME_UNKNOWN|QUORUM_UNREACHABLE/);
  });

  test('the same member answers under another ring of one epoch: it is refused and shown, again and again', async () => {
    const { town, nodes } = await acquainted();
    const disk = nodes[2].kill();
    withRing(disk, ring => {
      for (const row of ring.primaries) row.reverse();
    });
    const crooked = await town.start('n3', { disk });
    await town.clock.pass(5_000);
    const why = /"why":"it has another ring of the same cluster and epoch 1: one of the two is wrong"/;
    expect(nodes[0].said).toMatch(why);
    expect(crooked.said).toMatch(why);
    expect([nodes[0].sees('n3'), crooked.sees('n1')]).toEqual([false, false]);
    const [first, ...later] = between(town, { from: nodes[0], to: crooked }).map(words);
    expect([first, ...new Set(later)]).toEqual(['name, ring', 'ring, ring']);
  });
});
