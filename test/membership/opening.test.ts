/**
 * What an opening owes (src/core/membership/identity.ts), with the power failing between every two of its
 * durable steps, again and again: a loss is never forgotten, and no incarnation that may have minted is taken
 * up again without a clean mark.
 */
import { describe, expect, test } from 'vitest';
import { nodeName } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { Durability } from '../../src/core/membership/identity.ts';
import { placeKey } from '../../src/core/ring/placement.ts';
import type { DurableFile } from '../../src/ports/durable-file.ts';
import { type OpenReplica, openReplica } from '../../src/replica/opening.ts';
import { RECOVERING_KEY } from '../../src/replica/recovering.ts';
import { Counters } from '../../src/system/counters.ts';
import { KeptLog } from '../support/quiet.ts';
import { settled } from '../support/settled.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { CrashingDisk } from './support/crashing-disk.ts';

const random = new SeededRandom(3);
const PLACE = placeKey({ bucket: 'b', key: 'k' });

function open(disk: CrashingDisk, durability: Durability = 'fsync'): Promise<OpenReplica> {
  return openReplica({
    ...disk,
    name: nodeName('n1'),
    durability,
    clock: new VirtualClock(),
    random,
    log: new KeptLog(),
    metrics: new Counters(),
    onDamage: () => {},
    isUnvouched: () => false,
    owns: () => true,
    onRolledBack: () => {},
  });
}

/** Takes dots until it is closed or dies. */
async function mint({ replica, minter }: OpenReplica, times = 3): Promise<void> {
  for (let i = 0; i < times; i++) {
    const { committed } = replica.update({
      place: PLACE,
      missing: [],
      change: (before, fresh) => {
        const { dot, writtenAt } = fresh({ vector: [], writes: [] });
        return {
          ...before,
          vector: [dot],
          siblings: [{ dot, writtenAt, writeId: '\xaa'.repeat(16) as never, value: Buffer.from([1]) }],
        };
      },
    });
    await committed;
  }
  expect(minter).toBeDefined();
}

/** A store with records, stopped cleanly after its last dot. */
async function stoppedCleanly(): Promise<CrashingDisk> {
  const disk = new CrashingDisk();
  const opened = await open(disk);
  await mint(opened);
  await opened.close();
  return disk.afterCrash();
}

/** How many partitions its store says are recovering. */
const marks = (disk: CrashingDisk): number => {
  const body = [...(disk.memory.get(RECOVERING_KEY)?.subarray(4) ?? [])];
  return body.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
};

/** Opens with so many steps of power; what it left is what the next process finds. */
async function openAndDie(
  disk: CrashingDisk,
  steps: number,
): Promise<{ left: CrashingDisk; opened: boolean }> {
  disk.power.left = steps;
  let opened = false;
  void open(disk).then(() => {
    opened = true;
  });
  for (let i = 0; i < 20; i++) await settled();
  return { left: disk.afterCrash(), opened };
}

const losses: readonly (readonly [
  how: string,
  spoil: (disk: CrashingDisk) => CrashingDisk | Promise<CrashingDisk>,
])[] = [
  [
    'the directory is a copy',
    disk => {
      disk.identity.copied = true;
      return disk;
    },
  ],
  [
    'the identity file is gone',
    disk => {
      disk.identity.text = undefined;
      return disk;
    },
  ],
  [
    'the store came back empty',
    disk => {
      const empty = new CrashingDisk();
      empty.identity.text = disk.identity.text;
      return empty;
    },
  ],
  [
    'the store is older than the clean mark',
    async disk => {
      const newer = disk.afterCrash();
      const opened = await open(newer);
      await mint(opened);
      await opened.close();
      disk.identity.text = newer.identity.text;
      disk.floor.batch = newer.floor.batch;
      return disk;
    },
  ],
];

describe.each(losses)('%s', (_how, spoil) => {
  test('wherever the power fails in the opening after it, twice even, all of it is marked in the end', async () => {
    for (let first = 0; first <= 4; first++)
      for (let second = 0; second <= 2; second++) {
        const disk = await spoil(await stoppedCleanly());
        const once = await openAndDie(disk, first);
        const twice = await openAndDie(once.left, second);
        const opened = await open(twice.left);
        expect([first, second, opened.recovering.count, marks(twice.left)]).toEqual([
          first,
          second,
          256,
          256,
        ]);
      }
  });

  test('no incarnation of before is in force after it', async () => {
    const healthy = await stoppedCleanly();
    const before = JSON.parse(healthy.identity.text!).incarnation;
    const opened = await open(await spoil(healthy));
    expect(opened.verdict).toBe('draw');
    expect(Buffer.from(opened.counters.incarnation, 'latin1').toString('hex')).not.toBe(before);
  });
});

test('the order of the steps: what was lost, in the very first batch; then the file; then dots', async () => {
  const disk = await stoppedCleanly();
  disk.identity.copied = true;
  disk.store.slow = true;
  const opened = await open(disk);
  await mint(opened, 1);
  expect(disk.power.steps).toEqual(['batch', 'identity', 'batch']);
});

test('nothing lost: wherever the power fails, no incarnation that was opened once is kept by the next', async () => {
  const clean = await stoppedCleanly();
  const before = JSON.parse(clean.identity.text!).incarnation;
  for (let steps = 0; steps <= 3; steps++) {
    const { left, opened } = await openAndDie(clean.afterCrash(), steps);
    const next = await open(left);
    const kept = Buffer.from(next.counters.incarnation, 'latin1').toString('hex') === before;
    // Before the mark was taken away nothing can have been minted, so it may still be kept.
    expect([steps, kept]).toEqual([steps, !opened]);
    expect(next.recovering.count).toBe(0);
  }
});

test('a birth is cut short at every step: nothing counts as lost, and the store keeps its name once it has one', async () => {
  for (let steps = 0; steps <= 4; steps++) {
    const { left } = await openAndDie(new CrashingDisk(), steps);
    const next = await open(left);
    expect([steps, next.verdict, next.recovering.count]).toEqual([steps, 'draw', 0]);
    await next.close();
    expect((await open(left.afterCrash())).verdict).toBe('keep');
  }
});

test('a clean stop is cut short at every step: kept only with the whole mark', async () => {
  for (let steps = 0; steps <= 2; steps++) {
    const disk = new CrashingDisk();
    const opened = await open(disk);
    await mint(opened);
    disk.power.left = steps;
    void opened.close();
    for (let i = 0; i < 20; i++) await settled();
    const next = await open(disk.afterCrash());
    expect([steps, next.verdict, next.recovering.count]).toEqual([steps, steps === 2 ? 'keep' : 'draw', 0]);
  }
});

test('killed while it wrote without fsync: all of it is marked, with whatever durability it is started next', async () => {
  const disk = new CrashingDisk();
  await mint(await open(disk, 'os'));
  expect((await open(disk.afterCrash(), 'fsync')).recovering.count).toBe(256);
});

test('the disk fails under the first batch: the opening rejects, once, and nothing is left to reject unseen', async () => {
  const disk = await stoppedCleanly();
  const empty = new CrashingDisk();
  empty.identity.text = disk.identity.text;
  empty.memory.failNextWrite();
  await expect(open(empty)).rejects.toThrow('the disk of this test failed');
  await settled();
});

test('an identity file that cannot be written rejects the opening, and its old mark is worth what it was', async () => {
  const disk = await stoppedCleanly();
  const failing: DurableFile = {
    read: () => disk.identity.read(),
    write: () => Promise.reject(new Error('full')),
  };
  const ports = { ...disk, identity: failing } as unknown as CrashingDisk;
  await expect(open(ports)).rejects.toThrow('full');
  expect((await open(disk.afterCrash())).verdict).toBe('keep');
});
