/**
 * Who is who, and where: two processes under one name, moves, swapped ports, hearsay (M4; DESIGN §7; TRAPS
 * R8, R12).
 */
import { describe, expect, test } from 'vitest';
import { nodeName } from '../../src/base/ids.ts';
import { placeKey } from '../../src/core/ring/placement.ts';
import type { Process } from './support/town.ts';
import { Town } from './support/town.ts';

const twinRefused =
  /^node n1 is already running at n1:7: stop it, or give this node another --name and --data$/;

async function refused(town: Town, process: Process): Promise<string> {
  await town.until(
    () => process.refused !== undefined,
    () => `${process.name} is refused; ${process.awaited} ${process.said}`,
  );
  return process.refused!.message;
}

describe('two processes under one name: the later is refused and never serves, the first goes on', () => {
  test('the later joins a third node, and hears of the first there', async () => {
    const town = new Town();
    const [n1, n2] = await town.cluster(2);
    const twin = await town.start('n1', { at: 'twin:7', join: ['n2:7'] });
    expect(await refused(town, twin)).toMatch(twinRefused);
    await town.clock.pass(5_000);
    expect([twin.serves, n1!.serves, n1!.refused, n2!.addressOf('n1')]).toEqual([
      false,
      true,
      undefined,
      'n1:7',
    ]);
    await town.put(n2!, { w: 2 });
  });

  test('the later joins the first, which still waits for others', async () => {
    const town = new Town();
    const first = await town.start('n1', { expect: 2 });
    const twin = await town.start('n1', { at: 'twin:7', expect: 2, join: ['n1:7'] });
    expect(await refused(town, twin)).toMatch(twinRefused);
    twin.kill();
    const n2 = await town.start('n2', { expect: 2, join: ['n1:7'] });
    await town.allServe([first, n2]);
    expect(first.refused).toBeUndefined();
  });

  test('the later runs on a copy of the directory, and remembers the others', async () => {
    const town = new Town();
    const [n1, n2] = await town.cluster(2);
    await town.put(n1!, { w: 2 });
    const copy = n1!.disk.afterCrash();
    copy.identity.copied = true;
    const twin = await town.start('n1', { at: 'twin:7', disk: copy });
    expect(await refused(town, twin)).toMatch(twinRefused);
    await town.clock.pass(5_000);
    expect([twin.serves, twin.status.state, n1!.serves, n2!.addressOf('n1')]).toEqual([
      false,
      'waiting',
      true,
      'n1:7',
    ]);
  });
});

test('a data directory of another cluster is refused before it serves, and the cluster it joins goes on', async () => {
  const town = new Town();
  const theirs = await town.cluster(2);
  const ours = await town.start('m1');
  await town.allServe([ours]);
  const again = await town.start('m1', { disk: await town.close(ours), join: ['n1:7'] });
  expect(await refused(town, again)).toMatch(
    /^this data directory belongs to cluster .*, but n1:7 to cluster .*: correct --join/,
  );
  await town.clock.pass(5_000);
  expect(again.serves).toBe(false);
  expect(theirs.map(({ serves }) => serves)).toEqual([true, true]);
  expect(theirs[0]!.status.members.map(({ name }) => name)).toEqual(['n1', 'n2']);
});

describe('a node that is started elsewhere', () => {
  test('is found there by all, and remembered there over their restarts', async () => {
    const town = new Town();
    const [n1, n2, n3] = await town.cluster(3);
    const moved = await town.start('n1', { at: 'new:7', disk: n1!.kill() });
    await town.until(
      () => n2!.addressOf('n1') === 'new:7' && n3!.addressOf('n1') === 'new:7',
      () => 'both know where n1 is now',
    );
    await town.allServe([moved, n2!, n3!]);
    const again = await town.start('n2', { disk: n2!.kill() });
    await town.allServe([moved, again, n3!]);
  });

  test('two at once find each other through the third, which has not moved', async () => {
    const town = new Town();
    const [n1, n2, n3] = await town.cluster(3);
    const disks = [n1!.kill(), n2!.kill()];
    const moved = [
      await town.start('n1', { at: 'a:7', disk: disks[0]! }),
      await town.start('n2', { at: 'b:7', disk: disks[1]! }),
    ];
    await town.allServe([...moved, n3!]);
    expect(moved[0]!.addressOf('n2')).toBe('b:7');
  });

  test('is not lost again to one who comes back with an old memory: it learns the newer word, and moves nobody', async () => {
    const town = new Town();
    const [n1, n2, n3] = await town.cluster(3);
    const old = n2!.kill();
    const moved = await town.start('n3', { at: 'new:7', disk: n3!.kill() });
    await town.until(
      () => n1!.addressOf('n3') === 'new:7',
      () => 'n1 knows the new address',
    );
    moved.state = 'paused';
    await town.clock.pass(5_000);
    const back = await town.start('n2', { disk: old });
    await town.clock.pass(5_000);
    expect([n1!.addressOf('n3'), n1!.sees('n3'), back.addressOf('n3')]).toEqual(['new:7', false, 'new:7']);
    moved.state = 'up';
    await town.until(
      () => back.addressOf('n3') === 'new:7' && back.sees('n3'),
      () => 'n2 knows the new address',
    );
  });
});

describe('where a node was, another one answers now', () => {
  test('two that have swapped their ports are found, each at its own', async () => {
    const town = new Town();
    const [n1, n2, n3] = await town.cluster(3);
    const disks = [n1!.kill(), n2!.kill()];
    const swapped = [
      await town.start('n1', { at: 'n2:7', disk: disks[0]! }),
      await town.start('n2', { at: 'n1:7', disk: disks[1]! }),
    ];
    await town.until(
      () => n3!.addressOf('n1') === 'n2:7' && n3!.addressOf('n2') === 'n1:7',
      () => 'n3 knows where both are now',
    );
    await town.allServe([...swapped, n3!]);
  });

  test('the one that was there before is known to be down, whatever refuses there in its stead', async () => {
    const town = new Town();
    const [n1, n2, n3] = await town.cluster(3);
    const disk = n2!.kill();
    n1!.kill();
    const here = await town.start('n2', { at: 'n1:7', disk });
    await town.allServe([here, n3!]);
    const state = (name: string) => n3!.status.members.find(member => member.name === name)?.state;
    await town.until(
      () => state('n1') === 'down',
      () => `n1 is ${state('n1')}`,
    );
    await town.clock.pass(20_000);
    expect([state('n1'), state('n2')]).toEqual(['down', 'alive']);
  });

  test('it refuses what was meant for the other, so that it counts once (I5), and the other counts as down', async () => {
    const town = new Town();
    const [n1, n2, n3] = await town.cluster(3);
    const disk = n2!.kill();
    n1!.kill();
    const here = await town.start('n2', { at: 'n1:7', disk });
    await town.allServe([here, n3!]);
    await town.until(
      () => !n3!.sees('n1'),
      () => 'n1 is known to be down',
    );
    const { cluster, ringDigest } = here.status;
    const stamp = {
      clusterId: cluster!.id,
      epoch: 1,
      ringDigest,
      sender: nodeName('n3'),
      bootId: n3!.bootId,
    };
    expect(here.node.admit({ ...stamp, recipient: nodeName('n2') })).toBeUndefined();
    expect(here.node.admit({ ...stamp, recipient: nodeName('n1') })).toBe('this is n2, not n1');
    await expect(town.put(n3!, { w: 3 })).rejects.toThrow(/QUORUM_UNREACHABLE|OUTCOME_UNKNOWN/);
    await town.put(n3!, { w: 2 });
  });
});

test('what is not under this very ring is refused in words, and nothing is admitted before serving', async () => {
  const town = new Town();
  const waiting = await town.start('n9', { expect: 2 });
  const [n1, n2] = await town.cluster(2);
  const { cluster, ringDigest } = n1!.status;
  const stamp = {
    clusterId: cluster!.id,
    epoch: 1,
    ringDigest,
    sender: nodeName('n2'),
    recipient: nodeName('n1'),
    bootId: n2!.bootId,
  };
  const refusals = [
    waiting.node.admit({ ...stamp, recipient: nodeName('n9') }),
    n1!.node.admit({ ...stamp, clusterId: '00112233445566aa' as typeof stamp.clusterId }),
    n1!.node.admit({ ...stamp, epoch: 2 }),
    n1!.node.admit({ ...stamp, ringDigest: '00' }),
  ];
  expect(refusals).toEqual([
    'this node is not serving yet',
    `this node belongs to cluster ${cluster!.id}`,
    'not owner, my epoch is 1',
    'the same epoch, but another ring: one of the two is wrong',
  ]);
});

test('status and locate tell an operator who is down, and who was never met', async () => {
  const town = new Town();
  const [n1, n2, n3] = await town.cluster(3);
  n3!.kill();
  await town.until(
    () => !n1!.sees('n3'),
    () => 'n3 is known to be down',
  );
  const key = { bucket: 'b', key: 'k' };
  const located = n1!.node.overview.locate(key);
  expect(located.partition).toBe(placeKey(key).partition);
  expect(located.primaries.map(({ name, up, address }) => [name, up, address]).sort()).toEqual([
    ['n1', true, 'n1:7000'],
    ['n2', true, 'n2:7000'],
    ['n3', false, 'n3:7000'],
  ]);
  const disk = n1!.kill();
  n2!.kill();
  disk.cluster.text = JSON.stringify({ ...JSON.parse(disk.cluster.text!), members: [] });
  const alone = await town.start('n1', { disk });
  await town.until(
    () => alone.serves,
    () => alone.awaited,
  );
  expect(alone.status.members.map(({ name }) => name)).toEqual(['n1']);
  expect(
    alone.node.overview.locate(key).primaries.filter(({ address, up }) => address === '' && !up),
  ).toHaveLength(2);
  alone.node.drain();
  expect(alone.status.state).toBe('draining');
});

test('a frozen node that wakes when its name is another’s collects no acknowledgement any more (I1, I5)', async () => {
  const town = new Town();
  const [n1, n2, n3] = await town.cluster(3);
  n1!.state = 'paused';
  await town.until(
    () => !n2!.sees('n1') && !n3!.sees('n1'),
    () => 'n1 is known to be silent',
  );
  const anew = await town.start('n1', { at: 'elsewhere:7', join: ['n2:7', 'n3:7'] });
  await town.allServe([anew]);
  n1!.state = 'up';
  await town.clock.pass(2_000);
  await expect(town.put(n1!, { w: 2 })).rejects.toThrow(/QUORUM_UNREACHABLE|OUTCOME_UNKNOWN/);
  await town.put(anew, { w: 3 });
});
