/**
 * What becomes of what members say of each other: it reaches all, a removal for ever, and a lie nobody for
 * long (DESIGN §7, *Membership*; TRAPS R8, R9).
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { bootId, clusterId, nodeName } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { type Entry, PROCESS_STEP, VERSION_LEAP_MAX, VERSION_MAX } from '../../src/core/membership/view.ts';
import type { Gossip } from '../../src/ports/gossip.ts';
import type { Stamp } from '../../src/ports/stamp.ts';
import { downsBy, eachTakes, takenFor } from './support/sights.ts';
import { type Process, Town } from './support/town.ts';

const STORE = { id: 'ee'.repeat(16), lastBatch: 0 };

/** As this member sends it. */
function stampBy(from: Process, to: Process, more: Partial<Stamp> = {}): Stamp {
  const { cluster, ringDigest } = from.status;
  const [sender, recipient] = [from, to].map(({ name }) => nodeName(name));
  const way = { sender: sender!, recipient: recipient!, bootId: from.bootId };
  return { clusterId: cluster!.id, epoch: 1, ringDigest, ...way, ...more };
}

function entryOf(node: Process, more: Partial<Entry>): Entry {
  const {
    name,
    zone,
    weight,
    address,
    peerAddress,
    bootId: boot,
  } = node.status.members.find(member => member.name === node.name)!;
  const member = { name, zone, weight, address, peerAddress, bootId: boot };
  return { ...member, version: 1, state: 'alive', suspectedBy: [], ...more };
}

const saying = (...entries: readonly Entry[]): Gossip => ({
  digest: '00'.repeat(8),
  entries,
  whole: false,
  store: STORE,
});

/** What a node believes, member by member, as it tells whoever knows nothing. */
async function viewOf(node: Process, town: Town, asker: Process): Promise<readonly Entry[]> {
  const { entries } = await town.gossip(node.at, { ...saying(), whole: true }, stampBy(asker, node));
  return entries;
}

async function versionOf(name: string, { at, town, asker }: { at: Process; town: Town; asker: Process }) {
  return (await viewOf(at, town, asker)).find(entry => entry.name === name)!.version;
}

function allWell(town: Town, nodes: readonly Process[]): Promise<void> {
  return town.until(
    () => nodes.every(({ name }) => eachTakes(name, nodes, 'alive') && nodes.every(node => node.sees(name))),
    () => nodes.map(({ name }) => `${name} ${takenFor(name, nodes)}`).join('; '),
  );
}

/** Nodes n1 … n5; nothing passes between n5 and anybody but n1. */
async function townWithGoBetween(): Promise<{ town: Town; nodes: readonly Process[] }> {
  const town = new Town();
  const nodes = await town.cluster(5);
  cutAway('n5:7', town);
  return { town, nodes };
}

function cutAway(at: string, town: Town): void {
  for (const other of ['n2:7', 'n3:7', 'n4:7']) {
    town.cut(at, other);
    town.cut(other, at);
  }
}

describe('what one member has met, all know', () => {
  test('a restart: another process under the name', async () => {
    const { town, nodes } = await townWithGoBetween();
    const again = await town.start('n5', { disk: nodes[4]!.kill() });
    await town.until(
      () => nodes.slice(0, 4).every(node => bootAt(node, 'n5') === again.bootId),
      () => 'all know the new process',
    );
  });

  test('a move to another address', async () => {
    const { town, nodes } = await townWithGoBetween();
    cutAway('new:7', town);
    const disk = nodes[4]!.kill();
    await town.clock.pass(3_000);
    await town.start('n5', { disk, at: 'new:7' });
    await town.until(
      () => nodes.slice(0, 4).every(node => node.addressOf('n5') === 'new:7' && node.takes('n5') === 'alive'),
      () => takenFor('n5', nodes).join(),
    );
  });

  test('a return after an hour', async () => {
    const { town, nodes } = await townWithGoBetween();
    const rest = nodes.slice(0, 4);
    nodes[4]!.state = 'paused';
    await town.clock.pass(60_000);
    expect(eachTakes('n5', rest, 'down')).toBe(true);
    nodes[4]!.state = 'up';
    await town.until(
      () => eachTakes('n5', rest, 'alive'),
      () => takenFor('n5', rest).join(),
    );
    await town.clock.pass(30_000);
    expect(downsBy(rest)).toEqual([1, 1, 1, 1]);
  });
});

const bootAt = (node: Process, name: string) =>
  node.status.members.find(member => member.name === name)?.bootId;

describe('a removed member', () => {
  let town: Town;
  let nodes: Process[];
  let removed: Process;
  const staying = () => nodes.filter(({ state }) => state !== 'gone');

  beforeEach(async () => {
    town = new Town();
    [removed, ...nodes] = [...(await town.cluster(4))].reverse() as [Process, ...Process[]];
    await town.clock.pass(5_000);
    await town.gossip('n1:7', saying(entryOf(removed, { state: 'removed' })), stampBy(nodes[1]!, nodes[2]!));
    await town.clock.pass(3_000);
  });

  const isGone = () => {
    expect(takenFor('n4', staying())).toEqual(staying().map(({ name }) => `${name}: down`));
    expect(staying().map(node => node.sees('n4'))).toEqual(staying().map(() => false));
  };

  test('is gone for all, and no later word of its own brings it back (TRAPS R8)', async () => {
    isGone();
    await town.clock.pass(30_000);
    isGone();
    for (const node of nodes) expect(node.counted('member.removed')).toBe(1);
    const version = await versionOf('n4', { at: removed, town, asker: nodes[0]! });
    await town.clock.pass(60_000);
    expect(await versionOf('n4', { at: removed, town, asker: nodes[0]! })).toBe(version);
  });

  test('stays gone when it starts again, here or elsewhere', async () => {
    const again = await town.start('n4', { disk: removed.kill() });
    await town.clock.pass(10_000);
    isGone();
    await town.start('n4', { disk: again.kill(), at: 'new:7' });
    await town.clock.pass(10_000);
    isGone();
  });

  test('stays gone when each of the others restarts in turn', async () => {
    for (const [i, node] of nodes.entries()) {
      nodes[i] = await town.start(node.name, { disk: node.kill() });
      await town.clock.pass(5_000);
      isGone();
    }
  });

  test('stays gone when all others restart at once: it was written down', async () => {
    const disks = nodes.map(node => [node.name, node.kill()] as const);
    nodes = [];
    for (const [name, disk] of disks) nodes.push(await town.start(name, { disk }));
    await town.clock.pass(10_000);
    isGone();
  });

  test('stays gone when another one has lost its disk, and hears of the removed one first', async () => {
    nodes[0]!.kill();
    nodes[0] = await town.start(nodes[0]!.name, { join: ['n4:7', 'n1:7'] });
    await town.until(
      () => nodes[0]!.serves,
      () => nodes[0]!.awaited,
    );
    await town.clock.pass(10_000);
    isGone();
  });
});

describe('a lie', () => {
  let town: Town;
  let nodes: readonly Process[];
  let n1: Process;
  let n2: Process;
  let n3: Process;

  beforeEach(async () => {
    town = new Town();
    nodes = await town.cluster(3);
    [n1, n2, n3] = nodes as [Process, Process, Process];
    await town.clock.pass(5_000);
  });

  /** n2 says it to n1. */
  const say = (...entries: readonly Entry[]) => town.gossip('n1:7', saying(...entries), stampBy(n2, n1));
  const version = (name: string) => versionOf(name, { at: n1, town, asker: n2 });

  async function unmoved(): Promise<void> {
    await town.clock.pass(10_000);
    await allWell(town, nodes);
    for (const node of nodes)
      expect(nodes.map(({ name }) => node.addressOf(name))).toEqual(['n1:7', 'n2:7', 'n3:7']);
    await town.put(n1, { w: 3 });
  }

  test.each<[what: string, said: () => Entry]>([
    ['a member that is none', () => entryOf(n3, { name: nodeName('n9') })],
    ['a version of 2^53', () => entryOf(n3, { version: 2 ** 53 })],
    ['a version of NaN', () => entryOf(n3, { version: Number.NaN })],
    ['a version before the first', () => entryOf(n3, { version: -1 })],
    ['a version that leaps to the largest', () => entryOf(n3, { version: VERSION_MAX, state: 'down' })],
    ['a version that leaps by more than 2^32', () => entryOf(n3, { version: 2 * VERSION_LEAP_MAX })],
  ])('of %s is refused and counted, and changes nothing', async (_, said) => {
    const before = await viewOf(n1, town, n2);
    await say(said());
    expect(n1.counted('gossip.refused')).toBe(1);
    expect(await viewOf(n1, town, n2)).toEqual(before);
    await unmoved();
  });

  test.each<[what: string, more: () => Partial<Stamp>, why: string]>([
    [
      'from another cluster',
      () => ({ clusterId: clusterId('ee'.repeat(8)) }),
      'this node belongs to cluster',
    ],
    [
      'under another ring of its epoch',
      () => ({ ringDigest: 'ee'.repeat(16) }),
      'the same epoch, but another ring',
    ],
    ['meant for another node', () => ({ recipient: nodeName('n3') }), 'this is n1, not n3'],
    ['of a stranger', () => ({ sender: nodeName('n9') }), 'n9 is no other member'],
    ['of the listener itself', () => ({ sender: nodeName('n1') }), 'n1 is no other member'],
  ])('%s is refused and counted, and nothing of it is believed', async (_, more, why) => {
    const lie = saying(entryOf(n3, { version: (await version('n3')) + 1, state: 'down' }));
    const told = town.gossip('n1:7', lie, stampBy(n2, n1, more()));
    await expect(told).rejects.toMatchObject({ failure: 'refused', message: expect.stringContaining(why) });
    expect([n1.counted('gossip.refused'), n1.takes('n3')]).toEqual([1, 'alive']);
    await unmoved();
  });

  test('that a member which was heard just now is down is asked about first', async () => {
    await say(entryOf(n3, { version: await version('n3'), state: 'down' }));
    expect(n1.takes('n3')).toBe('alive');
    await unmoved();
    expect(downsBy(nodes)).toEqual([0, 0, 0]);
  });

  test('that a member has ended, in its own name, is contradicted by itself', async () => {
    const said = (await version('n3')) + 50;
    await say(entryOf(n3, { version: said, state: 'down' }));
    expect(n1.takes('n3')).toBe('down');
    await unmoved();
    expect(await version('n3')).toBe(said + 1);
  });

  test('that a member is another process elsewhere is contradicted by itself', async () => {
    const said = (await version('n3')) + 50;
    await say(entryOf(n3, { version: said, bootId: bootId('ee'.repeat(16)), peerAddress: 'nowhere:7' }));
    expect(n1.addressOf('n3')).toBe('nowhere:7');
    await unmoved();
    expect(await version('n3')).toBe(said + PROCESS_STEP);
  });

  test('that a member which was never heard is down, at the highest version there is, is refused: nobody could go above it', async () => {
    const disk = n1.kill();
    disk.cluster.text = JSON.stringify({ ...JSON.parse(disk.cluster.text!), members: [] });
    n3.state = 'paused';
    n1 = await town.start('n1', { disk, join: ['n2:7'] });
    await town.until(
      () => n1.serves,
      () => n1.awaited,
    );
    await say(entryOf(n3, { version: VERSION_MAX, state: 'down' }));
    n3.state = 'up';
    nodes = [n1, n2, n3];
    await unmoved();
  });

  test('of a member by a process that another has followed is not heard, nor is a question of it (probe)', async () => {
    const stamp = stampBy(n3, n1);
    await town.start('n3', { disk: n3.kill() });
    await town.clock.pass(3_000);
    const probe = n1.node.gossip.probe(nodeName('n2'), stamp, town.call());
    await expect(probe).rejects.toMatchObject({ failure: 'refused', message: 'n3 is another process now' });
    expect(n1.counted('gossip.refused')).toBe(1);
  });

  test('about who answers at an address: what that one says of its store is booked under its own name only', async () => {
    const boot = bootId('ee'.repeat(16));
    await say(entryOf(n3, { version: (await version('n3')) + PROCESS_STEP, bootId: boot }));
    await town.clock.pass(10_000);
    const { heard } = JSON.parse(n1.disk.cluster.text!) as {
      heard: { name: string; bootId: string; formerBoots: string[] }[];
    };
    const ofN3 = heard.find(({ name }) => name === 'n3')!;
    expect([ofN3.bootId, ofN3.formerBoots]).toEqual([n3.bootId, []]);
  });

  describe('about the listener itself', () => {
    const ownVersion = () => versionOf('n1', { at: n1, town, asker: n2 });

    /** As if another process of this name had been seen. */
    const stranger = (peerAddress: string) => ({ bootId: bootId('ee'.repeat(16)), peerAddress });

    test.each<[what: string, said: Partial<Entry>]>([
      ['suspect', { state: 'suspect', suspectedBy: [nodeName('n3')] }],
      ['down', { state: 'down' }],
    ])('that it is %s: it goes one above that once, not for ever', async (_, said) => {
      const version = (await ownVersion()) + 50;
      for (let i = 0; i < 3; i++) {
        await say(entryOf(n1, { version, ...said }));
        await unmoved();
        expect(await ownVersion()).toBe(version + 1);
      }
    });

    test.each<[what: string, at: string]>([
      ['where it is', 'n1:7'],
      ['elsewhere, where nobody answers', 'void:7'],
      ['where another member answers', 'n3:7'],
      ['at an address which is its own too', 'alias:7'],
    ])('that it is another process, %s: it goes above that when others believe it, once', async (_, at) => {
      town.alsoAt('alias:7', n1);
      const before = await ownVersion();
      const lie = entryOf(n1, { version: before + 50, ...stranger(at) });
      await say(lie);
      await unmoved();
      expect(await ownVersion()).toBe(before);
      for (let i = 0; i < 3; i++) {
        await town.gossip('n2:7', saying(lie), stampBy(n3, n2));
        await unmoved();
        expect(await ownVersion()).toBe(before + 50 + PROCESS_STEP);
      }
      expect([n1.counted('recovering.replaced'), n1.status.recoveringPartitions]).toEqual([1, 0]);
    });

    test.each([2 ** 53, Number.NaN, VERSION_MAX, 2 * VERSION_LEAP_MAX])(
      'at version %d: it does not go above that',
      async said => {
        const before = await ownVersion();
        await say(entryOf(n1, { version: said, state: 'down' }));
        await unmoved();
        expect(await ownVersion()).toBe(before);
      },
    );

    test('of versions before its own needs no answer', async () => {
      const before = await ownVersion();
      await say(entryOf(n1, { version: before, state: 'alive' }));
      await say(entryOf(n1, { version: before - 1, state: 'down' }));
      await unmoved();
      expect(await ownVersion()).toBe(before);
    });
  });
});

describe('two processes under one name', () => {
  test('the frozen one wakes: it is refused, does not go above the other, and its gossip is not heard', async () => {
    const town = new Town();
    const nodes = await town.cluster(3);
    const [old, n2, n3] = nodes as [Process, Process, Process];
    old.clock.freeze();
    await town.clock.pass(5_000);
    const anew = await town.start('n1', { at: 'elsewhere:7', join: ['n2:7', 'n3:7'] });
    await town.allServe([anew]);
    await town.clock.pass(2_000);
    const version = await versionOf('n1', { at: n2, town, asker: n3 });
    const refused = n2.counted('gossip.refused');
    old.clock.thaw();
    await town.clock.pass(20_000);
    expect(n2.counted('gossip.refused')).toBeGreaterThan(refused);
    expect([n2.addressOf('n1'), n3.addressOf('n1')]).toEqual(['elsewhere:7', 'elsewhere:7']);
    expect([bootAt(n2, 'n1'), bootAt(n3, 'n1')]).toEqual([anew.bootId, anew.bootId]);
    expect(await versionOf('n1', { at: n2, town, asker: n3 })).toBe(version);
    expect(old.said).toMatch(/node n1 is already running at elsewhere:7/);
    await allWell(town, [anew, n2, n3]);
  });

  /** n1 hangs; another of that name, elsewhere and with an empty disk, has merged with both others. */
  async function succeeded(): Promise<Record<'old' | 'anew' | 'n2' | 'n3', Process> & { town: Town }> {
    const town = new Town();
    const [old, n2, n3] = (await town.cluster(3)) as [Process, Process, Process];
    old.clock.freeze();
    await town.clock.pass(5_000);
    const anew = await town.start('n1', { at: 'elsewhere:7', join: ['n2:7', 'n3:7'] });
    await town.allServe([anew, n2, n3]);
    await town.until(
      () => anew.status.recoveringPartitions === 0,
      () => 'the new one is whole',
    );
    return { old, anew, n2, n3, town };
  }

  test('the older takes its name back when the newer is down, and counts as whole only after merging with all others (I1)', async () => {
    const { old, anew, n2, n3, town } = await succeeded();
    n3.state = 'paused';
    await town.put(n2, { value: 'w', w: 2, strict: true });
    anew.kill();
    n2.state = 'paused';
    n3.state = 'up';
    old.clock.thaw();
    await town.until(
      () => bootAt(n3, 'n1') === old.bootId && n3.sees('n1'),
      () => `n1 is at ${n3.addressOf('n1')} for n3`,
    );
    await expect(town.get(n3, 'k', { r: 2, strict: true })).rejects.toThrow(/QUORUM_UNREACHABLE/);
    expect(old.counted('recovering.replaced')).toBe(1);
    n2.state = 'up';
    await town.until(
      () => old.status.recoveringPartitions === 0,
      () => `${old.status.recoveringPartitions} partitions are recovering`,
    );
    await allWell(town, [old, n2, n3]);
    expect(await town.get(n3, 'k', { r: 2, strict: true })).toEqual(['w']);
  });

  test('the older is told by gossip that another was at its very address: it recovers before it denies that', async () => {
    const town = new Town();
    const [n1, n2, n3] = (await town.cluster(3)) as [Process, Process, Process];
    const version = (await versionOf('n1', { at: n1, town, asker: n2 })) + PROCESS_STEP;
    const other = entryOf(n1, { version, bootId: bootId('ee'.repeat(16)) });
    await town.gossip('n2:7', saying(other), stampBy(n3, n2));
    await town.until(
      () => bootAt(n2, 'n1') === n1.bootId && bootAt(n3, 'n1') === n1.bootId,
      () => `n1 is ${bootAt(n2, 'n1')}`,
    );
    expect(n1.counted('recovering.replaced')).toBe(1);
    await town.until(
      () => n1.status.recoveringPartitions === 0,
      () => `${n1.status.recoveringPartitions} partitions are recovering`,
    );
  });

  test.each([0, 5_000])(
    'that cannot reach each other do not outbid each other for a minute: the newer stays (%d ms frozen)',
    async ms => {
      const town = new Town();
      const [old, n2, n3] = (await town.cluster(3)) as [Process, Process, Process];
      if (ms > 0) old.clock.freeze();
      await town.clock.pass(ms);
      town.cut('n1:7', 'elsewhere:7');
      town.cut('elsewhere:7', 'n1:7');
      const anew = await town.start('n1', { at: 'elsewhere:7', join: ['n2:7', 'n3:7'] });
      await town.until(
        () => anew.serves,
        () => anew.awaited,
      );
      if (ms > 0) old.clock.thaw();
      let changes = 0;
      for (let passed = 0, before = bootAt(n2, 'n1'); passed < 60_000; passed += 50) {
        await town.clock.pass(50);
        const now = bootAt(n2, 'n1');
        changes += Number(now !== before);
        before = now;
      }
      expect(changes).toBeLessThanOrEqual(1);
      expect([bootAt(n2, 'n1'), bootAt(n3, 'n1')]).toEqual([anew.bootId, anew.bootId]);
      const told = old.log.lines.filter(({ event }) =>
        event.startsWith('another process has taken the name'),
      );
      expect(told.map(({ event }) => event)).toEqual([
        'another process has taken the name of n1 at elsewhere:7',
      ]);
      expect(old.counted('recovering.replaced')).toBe(0);
      await town.put(anew, { w: 3 });
    },
  );

  test('a word of the older one comes late: it is refused', async () => {
    const town = new Town();
    const [n1, n2] = await town.cluster(3);
    const stamp = stampBy(n2!, n1!);
    const late = entryOf(n2!, {});
    const again = await town.start('n2', { disk: n2!.kill() });
    await town.until(
      () => bootAt(n1!, 'n2') === again.bootId,
      () => 'the new process is known',
    );
    await expect(town.gossip('n1:7', saying(late), stamp)).rejects.toMatchObject({
      failure: 'refused',
      message: 'n2 is another process now',
    });
    expect(bootAt(n1!, 'n2')).toBe(again.bootId);
  });
});

test('a member that is suspected where it cannot be heard learns of it through one that knows better', async () => {
  const town = new Town();
  const [n1, n2, n3] = (await town.cluster(3)) as [Process, Process, Process];
  town.cut('n1:7', 'n3:7');
  town.cut('n3:7', 'n1:7');
  await town.clock.pass(5_000);
  const version = await versionOf('n3', { at: n1, town, asker: n2 });
  const suspected = entryOf(n3, { version, state: 'suspect', suspectedBy: [nodeName('n1')] });
  await town.gossip('n1:7', saying(suspected), stampBy(n2, n1));
  expect(n1.takes('n3')).toBe('suspect');
  await town.clock.pass(3_000);
  expect([n1.takes('n3'), n2.counted('member.suspected')]).toEqual(['alive', 0]);
});

test('what a member has told often enough, and nobody has heard, comes out as soon as views are compared', async () => {
  const town = new Town();
  const nodes = await town.cluster(5);
  const [n1, n2, n3, n4, n5] = nodes as [Process, Process, Process, Process, Process];
  await town.clock.pass(5_000);
  town.loses = (from, to) => from === n1 || to === n1;
  await town.gossip('n1:7', saying(entryOf(n5, { state: 'removed' })), stampBy(n2, n1));
  await town.clock.pass(2_500);
  expect([n2, n3, n4].map(node => node.counted('member.removed'))).toEqual([0, 0, 0]);
  town.loses = () => false;
  await town.clock.pass(5_000);
  expect([n2, n3, n4].map(node => node.counted('member.removed'))).toEqual([1, 1, 1]);
});

test('what rumours have missed, a comparison of all brings', async () => {
  const town = new Town();
  const nodes = await town.cluster(5);
  const chance = new SeededRandom(3);
  town.loses = () => chance.fraction() < 0.7;
  await town.clock.pass(3_000);
  const again = await town.start('n5', { disk: nodes[4]!.kill() });
  const all = [...nodes.slice(0, 4), again];
  await town.clock.pass(30_000);
  town.loses = () => false;
  await town.clock.pass(10_000);
  await allWell(town, all);
  const views = await Promise.all(all.map((node, i) => viewOf(node, town, all[(i + 1) % 5]!)));
  for (const view of views) expect(view).toEqual(views[0]);
});

test('members that agree on all exchange no more than a greeting card', async () => {
  const town = new Town();
  const nodes = await town.cluster(5);
  await town.clock.pass(20_000);
  const [n1, n2] = nodes as [Process, Process];
  const answer = await town.gossip('n1:7', saying(entryOf(n2, {})), stampBy(n2, n1));
  expect(answer.entries.map(({ name }) => name)).toEqual(['n1']);
});
