/**
 * Who a node is after a restart: the same, a new incarnation, or one that has to recover (DESIGN §4,
 * *Incarnations*; TRAPS C5, C6, R5, S5).
 */
import { describe, expect, test } from 'vitest';
import { StartUpError } from '../../src/base/errors.ts';
import { CrashingDisk } from './support/crashing-disk.ts';
import { type Process, Town } from './support/town.ts';

const JOIN = ['n1:7', 'n2:7', 'n3:7'];
const incarnationOf = (disk: CrashingDisk): string => JSON.parse(disk.identity.text!).incarnation;
const markOf = (disk: CrashingDisk): unknown => JSON.parse(disk.identity.text!).clean;

/** n1 … n3 serve and have written a key; n1 has coordinated some of it. */
async function written(): Promise<{ town: Town; nodes: readonly [Process, Process, Process] }> {
  const town = new Town();
  const [n1, n2, n3] = await town.cluster(3);
  for (const key of ['a', 'b', 'c']) await town.put(n1!, { key, w: 3 });
  return { town, nodes: [n1!, n2!, n3!] };
}

async function recovered(town: Town, node: Process): Promise<void> {
  await town.until(
    () => node.serves && node.status.recoveringPartitions === 0,
    () => `${node.status.recoveringPartitions} partitions recovering; ${node.awaited}`,
  );
}

async function recovering(town: Town, node: Process): Promise<void> {
  await town.until(
    () => node.status.recoveringPartitions > 0,
    () => node.said,
  );
}

describe('after a clean stop', () => {
  test('of all, and a start of all at once, every node is who it was, and nothing is asked of anybody twice', async () => {
    const { town, nodes } = await written();
    const before: CrashingDisk[] = [];
    for (const node of nodes) before.push(await town.close(node));
    const again: Process[] = [];
    for (const [i, disk] of before.entries()) again.push(await town.start(`n${i + 1}`, { disk }));
    await town.allServe(again);
    for (const [i, node] of again.entries()) {
      expect(node.said).not.toMatch(/new incarnation|recovering/);
      expect(incarnationOf(await town.close(node))).toBe(incarnationOf(before[i]!));
    }
  });

  test('one member does not answer: a new incarnation in time to serve, said with its reason, and nothing to recover', async () => {
    const { town, nodes } = await written();
    const disk = await town.close(nodes[0]);
    nodes[2].state = 'paused';
    const start = town.clock.now();
    const again = await town.start('n1', { disk });
    await town.clock.pass(1_400);
    expect(again.awaited).toBe('n3 to say how far it knows the writes of n1');
    await town.until(
      () => again.serves,
      () => again.awaited,
    );
    expect(town.clock.now() - start).toBeLessThan(3_000);
    expect(again.said).toMatch(/new incarnation .*word on it is: unanswered/);
    expect(again.status.recoveringPartitions).toBe(0);
  });

  test('the word of a namesake from another cluster, at the address of a member, is nobody’s word', async () => {
    const town = new Town();
    const [n1, n2] = await town.cluster(2);
    const disk = await town.close(n1!);
    n2!.kill();
    const stranger = await town.start('n2');
    await town.allServe([stranger]);
    const again = await town.start('n1', { disk });
    await town.until(
      () => again.serves,
      () => again.awaited,
    );
    expect(again.said).toMatch(/word on it is: unanswered/);
    expect(again.said).toMatch(/not listened to .*it belongs to cluster/);
    expect(again.sees('n2')).toBe(false);
  });
});

test('all of them killed: the first one up serves strict reads once another is there, which has nothing against it', async () => {
  const { town, nodes } = await written();
  const disks = nodes.map(node => node.kill());
  const first = await town.start('n1', { disk: disks[0]! });
  await town.until(
    () => first.serves,
    () => first.awaited,
  );
  await expect(town.get(first, 'a', { r: 1, strict: true })).rejects.toThrow('is recovering');
  const second = await town.start('n2', { disk: disks[1]! });
  await town.allServe([first, second]);
  const visited = town.met.find(({ from, to }) => from === second && to === first);
  const askedBack = town.met.find(({ from, to }) => from === first && to === second);
  expect(askedBack?.atMs).toBe(visited?.atMs);
  for (const node of [first, second]) {
    expect(await town.get(node, 'a', { r: 1, strict: true })).toEqual(['v']);
    expect(node.status.recoveringPartitions).toBe(0);
  }
});

test('a cluster of one has nobody to ask: its strict reads are served after a restart', async () => {
  const town = new Town();
  const [only] = await town.cluster(1);
  await town.put(only!, { key: 'a' });
  const again = await town.start('n1', { disk: only!.kill() });
  await town.allServe([again]);
  expect(await town.get(again, 'a', { r: 1, strict: true })).toEqual(['v']);
});

test('killed: a new incarnation, nothing lost, nothing to recover', async () => {
  const { town, nodes } = await written();
  const again = await town.start('n1', { disk: nodes[0].kill() });
  await town.allServe([again, nodes[1], nodes[2]]);
  expect(again.said).toMatch(/new incarnation .*not stopped cleanly/);
  expect(again.said).not.toContain('recovering');
  expect(await town.get(again, 'a')).toEqual(['v']);
});

describe('rolled back under the node', () => {
  test('the store alone, after a kill: told by the floor; a new incarnation, recovering, and both are said', async () => {
    const { town, nodes } = await written();
    const earlier = nodes[0].disk.afterCrash();
    await town.put(nodes[0], { key: 'd', w: 3 });
    const disk = nodes[0].kill();
    const rolled = new CrashingDisk(earlier);
    rolled.identity.text = disk.identity.text;
    rolled.floor.batch = disk.floor.batch;
    const again = await town.start('n1', { disk: rolled });
    expect(again.said).toMatch(/recovering: acknowledged records may be missing .*rolled back/);
    expect(again.said).toMatch(/new incarnation/);
    expect(again.status.recoveringPartitions).toBe(256);
    await recovered(town, again);
    expect(again.status.records).toBe(4);
  });

  test('everything, to a clean stop: the others contradict; a new incarnation, recovering, and both are said', async () => {
    const { town, nodes } = await written();
    const backup = await town.close(nodes[0]);
    const went = await town.start('n1', { disk: backup.afterCrash() });
    await town.allServe([went, nodes[1], nodes[2]]);
    await town.put(went, { key: 'd', w: 3 });
    await town.close(went);
    const again = await town.start('n1', { disk: backup.afterCrash() });
    await recovered(town, again);
    expect(again.said).toMatch(/new incarnation .*word on it is: contradicted/);
    expect(again.said).toContain(
      'other nodes know more of this one than its store does: it was rolled back, recovering',
    );
    expect(again.status.records).toBe(4);
    expect(incarnationOf(await town.close(again))).not.toBe(incarnationOf(backup));
  });

  test('everything, while all others were restarted: what they had heard outlives them, and it recovers', async () => {
    const { town, nodes } = await written();
    const [n1, n2, n3] = nodes;
    await town.clock.pass(1_000);
    const earlier = n1.disk.afterCrash();
    await town.put(n1, { key: 'd', w: 3 });
    await town.clock.pass(3_000);
    n1.kill();
    const others = [await town.start('n2', { disk: n2.kill() }), await town.start('n3', { disk: n3.kill() })];
    await town.allServe(others);
    const again = await town.start('n1', { disk: earlier });
    await recovered(town, again);
    expect(again.said).toContain('it was rolled back, recovering');
    expect(again.status.records).toBe(4);
  });

  test('everything, to a clean stop, and nobody has seen what it wrote since: its dots are given out to nothing else (I3)', async () => {
    const { town, nodes } = await written();
    const [n1, n2, n3] = nodes;
    const backup = await town.close(n1);
    const went = await town.start('n1', { disk: backup.afterCrash() });
    await town.allServe([went, n2, n3]);
    for (const other of ['n2:7', 'n3:7']) town.cut('n1:7', other);
    await town.put(went, { key: 'd', w: 1 });
    town.heal();
    await town.clock.pass(2_000);
    await town.close(went);
    const again = await town.start('n1', { disk: backup.afterCrash() });
    await recovered(town, again);
    expect(again.said).toMatch(/new incarnation .*the store was rolled back/);
    expect(incarnationOf(await town.close(again))).not.toBe(incarnationOf(backup));
  });

  test('and everybody who could tell it is down: its answers count in nothing strict until one of them is up (I5)', async () => {
    const { town, nodes } = await written();
    const [n1, n2, n3] = nodes;
    await town.clock.pass(1_000);
    const earlier = n1.disk.afterCrash();
    await town.put(n1, { key: 'd', w: 3 });
    await town.clock.pass(3_000);
    const disks = [n1, n2, n3].map(node => node.kill());
    const again = await town.start('n1', { disk: earlier });
    await town.until(
      () => again.serves,
      () => again.awaited,
    );
    expect(again.said).toContain('no other member answers');
    expect(again.status.recoveringPartitions).toBe(0);
    const alone = { w: 1, strict: true };
    await expect(town.get(again, 'd', { r: 1, strict: true })).rejects.toThrow('is recovering');
    await expect(town.put(again, { key: 'd', ...alone })).rejects.toThrow();
    expect(await town.get(again, 'a', { r: 1 })).toEqual(['v']);
    await town.put(again, { key: 'e', w: 1 });
    await town.start('n2', { disk: disks[1]! });
    await recovering(town, again);
    await town.start('n3', { disk: disks[2]! });
    await recovered(town, again);
    expect(await town.get(again, 'd', { r: 1, strict: true })).toContain('v');
  });

  test('and the contradiction comes when the node has served for long: it recovers then', async () => {
    const { town, nodes } = await written();
    const [n1, n2, n3] = nodes;
    const backup = await town.close(n1);
    const went = await town.start('n1', { disk: backup.afterCrash() });
    await town.allServe([went, n2, n3]);
    await town.put(went, { key: 'd', w: 3 });
    await town.close(went);
    for (const other of ['n2:7', 'n3:7']) {
      town.cut('n1:7', other);
      town.cut(other, 'n1:7');
    }
    const again = await town.start('n1', { disk: backup.afterCrash() });
    await town.until(
      () => again.serves,
      () => again.awaited,
    );
    await town.clock.pass(10_000);
    expect(again.status.recoveringPartitions).toBe(0);
    town.heal();
    await town.until(
      () => again.said.includes('it was rolled back, recovering'),
      () => again.said,
    );
    await recovered(town, again);
    expect(await town.get(again, 'd')).toEqual(['v']);
  });
});

test('a wiped node under its old name is the same member, recovering until it has merged with all', async () => {
  const { town, nodes } = await written();
  nodes[0].kill();
  nodes[2].state = 'paused';
  const again = await town.start('n1', { join: JOIN });
  await town.until(
    () => again.serves,
    () => again.awaited,
  );
  await town.clock.pass(20_000);
  expect(again.status.recoveringPartitions).toBe(256);
  nodes[2].state = 'up';
  await recovered(town, again);
  expect(again.status.records).toBe(3);
});

test('a copied directory, and one whose identity file is gone: recovering, as another incarnation', async () => {
  for (const spoil of [
    (disk: CrashingDisk) => {
      disk.identity.copied = true;
    },
    (disk: CrashingDisk) => {
      disk.identity.text = undefined;
    },
  ]) {
    const { town, nodes } = await written();
    const disk = await town.close(nodes[0]);
    const before = incarnationOf(disk);
    spoil(disk);
    const again = await town.start('n1', { disk, join: JOIN });
    expect(again.status.recoveringPartitions).toBe(256);
    await recovered(town, again);
    expect(incarnationOf(await town.close(again))).not.toBe(before);
  }
});

test.each(['identity', 'cluster'] as const)(
  'a damaged %s file refuses the start, and changes nothing',
  async file => {
    const { town, nodes } = await written();
    const disk = await town.close(nodes[0]);
    disk[file].text = '{"is": "none"}';
    const mark = disk.identity.text;
    await expect(town.start('n1', { disk })).rejects.toThrow(StartUpError);
    expect(disk.identity.text).toBe(mark);
  },
);

describe('the cluster file is gone, but not the records', () => {
  test('without --join the start is refused, and the clean mark is still there', async () => {
    const { town, nodes } = await written();
    const disk = await town.close(nodes[0]);
    disk.cluster.text = undefined;
    await expect(town.start('n1', { disk, expect: 3 })).rejects.toThrow(/start with --join/);
    expect(markOf(disk)).not.toBeNull();
    expect(disk.cluster.text).toBeUndefined();
  });

  test('with --join it takes its old place, recovering, and founds nothing meanwhile', async () => {
    const { town, nodes } = await written();
    const born = nodes[1].clusterId;
    const disk = await town.close(nodes[0]);
    disk.cluster.text = undefined;
    for (const other of [nodes[1], nodes[2]]) other.state = 'paused';
    const again = await town.start('n1', { disk, expect: 1, join: ['n2:7'] });
    await town.clock.pass(10_000);
    expect(again.awaited).toBe('the birth of the cluster\nan answer from n2:7');
    for (const other of [nodes[1], nodes[2]]) other.state = 'up';
    await recovered(town, again);
    expect(again.clusterId).toBe(born);
  });
});

test('the wall clock has no say: it may jump by years', async () => {
  const { town, nodes } = await written();
  const yearMs = 365 * 24 * 3_600_000;
  town.clock.wallSetByMs = -2 * yearMs;
  const again = await town.start('n1', { disk: nodes[0].kill() });
  await town.allServe([again, nodes[1], nodes[2]]);
  town.clock.wallSetByMs = 2 * yearMs;
  const twice = await town.start('n1', { disk: again.kill() });
  await town.allServe([twice, nodes[1], nodes[2]]);
});

describe('the clean mark', () => {
  test('is there after a stop, and gone from the next start on', async () => {
    const { town, nodes } = await written();
    const disk = await town.close(nodes[0]);
    expect(markOf(disk)).toEqual({ counter: expect.any(Number), batch: expect.any(Number) });
    const again = await town.start('n1', { disk });
    expect(markOf(again.disk)).toBeNull();
  });

  test('is not left when a write failed, and the store is closed all the same', async () => {
    const { town, nodes } = await written();
    const [n1] = nodes;
    n1.disk.memory.failNextWrite();
    // The others take it.
    await town.put(n1, { key: 'e' });
    expect(n1.status.state).toBe('storage-faulted');
    await expect(town.clock.done(n1.node.close())).rejects.toThrow(/disk of this test failed/);
    expect(markOf(n1.disk)).toBeNull();
    await expect(n1.disk.memory.write([])).rejects.toThrow('the store is closed');
  });

  test('is not left when the very last batch fails', async () => {
    const { town, nodes } = await written();
    nodes[0].disk.memory.failNextWrite({ applied: true });
    await expect(town.clock.done(nodes[0].node.close())).rejects.toThrow(/disk of this test failed/);
    expect(markOf(nodes[0].disk)).toBeNull();
  });

  test('after a put that took a dot and was refused for its size does not say more than the store: nothing recovers', async () => {
    const { town, nodes } = await written();
    const [n1] = nodes;
    const blind = { strict: false, writeId: undefined, overwrite: false, context: new Uint8Array(), w: 3 };
    const value = Buffer.alloc(1024 * 1024, 1);
    const put = (key: string) =>
      town.clock.done(n1.node.requests.put({ bucket: 'b', key, value, ...blind }, town.call(3_000)));
    for (let i = 0; i < 2; i++) await put('x');
    await expect(put('x')).rejects.toThrow(/RECORD_TOO_LARGE/);
    const again = await town.start('n1', { disk: await town.close(n1) });
    await town.allServe([again, nodes[1], nodes[2]]);
    expect(again.said).toContain('incarnation kept so far');
    expect(again.said).not.toMatch(/recovering|new incarnation/);
  });
});

test('a member that was away and speaks again is reached over a fresh connection: the old one may sit out its back-off', async () => {
  const { town, nodes } = await written();
  const disk = nodes[2].kill();
  await town.clock.pass(5_000);
  town.kicked.length = 0;
  await town.allServe([await town.start('n3', { disk, join: JOIN })]);
  expect(town.kicked).toEqual(expect.arrayContaining(['n1 to n3', 'n2 to n3']));
});

describe('a disk that was rolled back with all its own marks', () => {
  test('to a moment while the node ran: the others remember that its store was further', async () => {
    const { town, nodes } = await written();
    const [n1, n2, n3] = nodes;
    const taken = n1.disk.afterCrash();
    await town.put(n2, { key: 'later', w: 3 });
    await town.clock.pass(1_000);
    n1.kill();
    const again = await town.start('n1', { disk: taken, join: JOIN });
    await town.allServe([again]);
    expect(again.said).toMatch(/rolled back, recovering/);
    await recovered(town, again);
    expect([n2.said, n3.said].join()).not.toMatch(/rolled back/);
  });

  test('to a clean stop, after which it only took what others wrote', async () => {
    const { town, nodes } = await written();
    const [n1, n2] = nodes;
    const stopped = await town.close(n1);
    const taken = stopped.afterCrash();
    const meanwhile = await town.start('n1', { disk: stopped, join: JOIN });
    await town.allServe([meanwhile]);
    await town.put(n2, { key: 'later', w: 3 });
    await town.clock.pass(1_000);
    await town.close(meanwhile);
    const again = await town.start('n1', { disk: taken, join: JOIN });
    await town.allServe([again]);
    expect(again.said).toMatch(/rolled back, recovering/);
    await recovered(town, again);
  });

  test('and that started cut off, and wrote until it was further than before: the others still know', async () => {
    const { town, nodes } = await written();
    const [n1, n2] = nodes;
    const taken = n1.disk.afterCrash();
    for (const key of ['d', 'e']) await town.put(n2, { key, w: 3 });
    await town.clock.pass(1_000);
    n1.kill();
    for (const other of ['n2', 'n3']) town.cut(other, 'n1');
    const again = await town.start('n1', { disk: taken });
    await town.clock.pass(4_000);
    for (let i = 0; i < 20; i++) await town.put(again, { key: `alone ${i}`, w: 1 });
    town.heal();
    await recovered(town, again);
    await town.clock.pass(2_000);
    expect(again.said).toMatch(/rolled back, recovering/);
  });

  test('to a disk that a wiped one had followed: it is behind that one, whatever it holds', async () => {
    const { town, nodes } = await written();
    const [n1, n2] = nodes;
    await town.clock.pass(1_000);
    const old = n1.kill();
    const wiped = await town.start('n1', { join: JOIN, disk: new CrashingDisk() });
    await recovered(town, wiped);
    for (const key of ['d', 'e']) await town.put(n2, { key, w: 3 });
    await town.clock.pass(1_000);
    wiped.kill();
    const again = await town.start('n1', { disk: old.afterCrash() });
    await recovered(town, again);
    await town.clock.pass(2_000);
    expect(again.said).toMatch(/rolled back, recovering/);
  });

  test('and has recovered: it is not rolled back once more at its next restart', async () => {
    const { town, nodes } = await written();
    const [n1, n2] = nodes;
    const taken = n1.disk.afterCrash();
    // More batches than recovering takes: its store is still behind the old number afterwards.
    for (let i = 0; i < 600; i++) await town.put(n2, { key: 'more', value: `${i}`, w: 3 });
    await town.clock.pass(1_000);
    n1.kill();
    const again = await town.start('n1', { disk: taken });
    await recovered(town, again);
    await town.clock.pass(2_000);
    expect(again.said).toMatch(/rolled back, recovering/);
    const next = await town.start('n1', { disk: again.kill() });
    await recovered(town, next);
    await town.clock.pass(2_000);
    expect(next.said).not.toMatch(/recovering/);
  });

  test('and has recovered, and is rolled back to what it was then: that is seen as well', async () => {
    const { town, nodes } = await written();
    const [n1, n2] = nodes;
    const taken = n1.disk.afterCrash();
    await town.put(n2, { key: 'd', w: 3 });
    await town.clock.pass(1_000);
    n1.kill();
    const again = await town.start('n1', { disk: taken });
    await recovered(town, again);
    await town.clock.pass(2_000);
    expect(again.said).toMatch(/rolled back, recovering/);
    const then = again.disk.afterCrash();
    await town.put(n2, { key: 'e', w: 3 });
    await town.clock.pass(1_000);
    again.kill();
    const last = await town.start('n1', { disk: then });
    await recovered(town, last);
    await town.clock.pass(2_000);
    expect(last.said).toMatch(/rolled back, recovering/);
  });

  test('an ordinary crash is none: a batch is told only once it is committed', async () => {
    const { town, nodes } = await written();
    const again = await town.start('n1', { disk: nodes[0].kill(), join: JOIN });
    await town.allServe([again]);
    expect([again.status.recoveringPartitions, again.said.includes('rolled back')]).toEqual([0, false]);
  });
});
