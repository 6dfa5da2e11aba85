/**
 * A vote is durable and never changed; a birth survives a crash at every step; what cannot be written down is
 * said (M1, M2, M3, M5).
 */
import { expect, test } from 'vitest';
import { CrashingDisk } from './support/crashing-disk.ts';
import { type Process, Town } from './support/town.ts';

const voteOf = (disk: CrashingDisk): unknown => JSON.parse(disk.cluster.text ?? '{"vote":null}').vote;
const JOIN = ['n1:7', 'n2:7', 'n3:7'];

test('wherever the power of one of three fails while a cluster is founded, all serve one cluster after its restart', async () => {
  const steps: string[][] = [];
  for (let left = 0; ; left++) {
    const town = new Town();
    const disk = new CrashingDisk();
    disk.power.left = left;
    const dying = town.start('n1', { expect: 3, join: JOIN, disk });
    const others = [
      await town.start('n2', { expect: 3, join: JOIN }),
      await town.start('n3', { expect: 3, join: JOIN }),
    ];
    await town.clock.pass(2_000);
    steps.push([...disk.power.steps]);
    const done = disk.power.steps.length < left;
    const found = disk.afterCrash();
    const voted = voteOf(found);
    // Below three steps it has not even opened.
    if (left > 2) (await dying).kill();
    const again = await town.start('n1', { expect: 3, join: JOIN, disk: found });
    await town.allServe([again, ...others]);
    expect(new Set([again, ...others].map(({ clusterId }) => clusterId)).size).toBe(1);
    if (voted !== null) expect(voteOf(again.disk)).toEqual(voted);
    // It never held anything, or voted: nothing can be lost.
    if (voted !== null) expect(again.said).not.toContain('recovering');
    if (done) break;
  }
  expect(steps.at(-1)!.slice(0, 5)).toEqual(['identity', 'batch', 'identity', 'cluster', 'cluster']);
});

test('a vote is not shown before it is durable, and a disk that hangs is what the node waits for', async () => {
  const town = new Town();
  const disk = new CrashingDisk();
  let open = () => {};
  disk.cluster.gate = new Promise(resolve => {
    open = resolve;
  });
  const slow = await town.start('n1', { expect: 2, disk });
  const other = await town.start('n2', { expect: 2, join: ['n1:7'] });
  await town.clock.pass(3_000);
  expect(slow.awaited).toBe('its own disk, to write down the founding set');
  expect(other.awaited).toBe('n1 to write down the founding set');
  open();
  await town.allServe([slow, other]);
});

test('a vote that cannot be written down ends the start, with what to do; the others wait on, and it may come back', async () => {
  const town = new Town();
  const disk = new CrashingDisk();
  disk.cluster.soundWrites = 0;
  const failing = await town.start('n1', { expect: 2, disk });
  const other = await town.start('n2', { expect: 2, join: ['n1:7'] });
  await town.until(
    () => failing.refused !== undefined,
    () => failing.awaited,
  );
  expect(failing.refused!.message).toMatch(
    /cannot be written down: .*cluster cannot be written: mend the disk/,
  );
  expect(other.serves).toBe(false);
  const again = await town.start('n1', { expect: 2, disk: failing.kill() });
  await town.allServe([again, other]);
});

test('a ring that cannot be written down is not served', async () => {
  const town = new Town();
  const disk = new CrashingDisk();
  disk.cluster.soundWrites = 1;
  const n1 = await town.start('n1', { expect: 2, disk });
  const n2 = await town.start('n2', { expect: 2, join: ['n1:7'] });
  await town.clock.pass(2_000);
  expect([n1.serves, n1.refused?.message]).toEqual([false, expect.stringContaining('mend the disk')]);
  const again = await town.start('n1', { disk: n1.kill(), join: ['n2:7'] });
  await town.allServe([again, n2]);
  expect(again.said).not.toContain('recovering');
});

test('what two of three have written down stands, whatever flags they are started with next', async () => {
  const town = new Town();
  const disk = new CrashingDisk();
  disk.cluster.soundWrites = 0;
  const first = [
    await town.start('n1', { expect: 3, join: JOIN }),
    await town.start('n2', { expect: 3, join: JOIN }),
    await town.start('n3', { expect: 3, join: JOIN, disk }),
  ];
  await town.clock.pass(2_000);
  const disks = first.map(node => node.kill());
  const votes = disks.map(voteOf);
  expect(votes).toEqual([votes[1], expect.any(Array), null]);
  const again = [
    await town.start('n1', { expect: 1, disk: disks[0]! }),
    await town.start('n2', { join: ['n1:7'], disk: disks[1]! }),
    await town.start('n3', { expect: 3, join: ['n1:7'], disk: disks[2]! }),
  ];
  await town.allServe(again);
  for (const { disk } of again) expect(voteOf(disk)).toEqual(votes[0]);
});

test('a node wiped between vote and birth: nobody founds with its old self unless all had said so, and it is named', async () => {
  const town = new Town();
  const n1 = await town.start('n1', { expect: 2 });
  const disk = new CrashingDisk();
  disk.cluster.soundWrites = 0;
  const n2 = await town.start('n2', { expect: 2, join: ['n1:7'], disk });
  await town.until(
    () => voteOf(n1.disk) !== null && n2.refused !== undefined,
    () => n1.awaited,
  );
  n2.kill();
  const wiped = await town.start('n2', { expect: 2, join: ['n1:7'] });
  await town.clock.pass(3_000);
  expect([n1.serves, wiped.serves]).toEqual([false, false]);
  expect(n1.awaited).toMatch(/^n2, which has written down another set: n1, n2 \(disk /);
  expect(wiped.awaited).toMatch(/^n1, which has written down another set: n1, n2 \(disk /);
});

test('a node that voted for one cluster does not take a place in another that knows its name', async () => {
  const town = new Town();
  const [, , old] = await town.cluster(3);
  old!.kill();
  const disk = new CrashingDisk();
  const voted = await town.start('n3', { expect: 2, at: 'elsewhere:7', disk });
  const other = new CrashingDisk();
  other.cluster.soundWrites = 0;
  await town.start('m1', { expect: 2, join: ['elsewhere:7'], disk: other });
  await town.until(
    () => voteOf(disk) !== null,
    () => voted.awaited,
  );
  const again = await town.start('n3', { expect: 2, join: ['n1:7'], disk: voted.kill() });
  await town.clock.pass(5_000);
  expect(again.serves).toBe(false);
  expect(again.awaited).toMatch(
    /n1 is not listened to: it belongs to cluster .*, which counts on n3, but this node has written down/,
  );
});

function ids(nodes: readonly Process[]): Set<string | undefined> {
  return new Set(nodes.map(({ clusterId }) => clusterId));
}

test('the very flags of the birth serve for every restart; and none at all on the old directory', async () => {
  const town = new Town();
  let nodes: Process[] = [];
  for (const name of ['n1', 'n2', 'n3'])
    nodes.push(await town.start(name, { expect: 3, join: name === 'n1' ? [] : ['n1:7'] }));
  await town.allServe(nodes);
  const [born] = ids(nodes);
  for (const flags of [{ expect: 3, join: ['n1:7'] }, {}]) {
    const disks = nodes.map(node => ({ name: node.name, disk: node.kill() }));
    nodes = [];
    for (const { name, disk } of disks) nodes.push(await town.start(name, { ...flags, disk }));
    await town.allServe(nodes);
    expect([...ids(nodes)]).toEqual([born]);
    for (const { said } of nodes) expect(said).not.toContain('recovering');
  }
});

test('a seed that was wiped, started with the flags of its birth and no --join, is found by the others and recovers', async () => {
  const town = new Town();
  const [seed, ...others] = await town.cluster(3);
  const born = seed!.clusterId;
  seed!.kill();
  const again = await town.start('n1', { expect: 3 });
  await town.allServe([again, ...others]);
  expect(again.clusterId).toBe(born);
  expect(again.said).toContain('its disk does not know the cluster: recovering');
});
