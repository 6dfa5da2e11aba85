import { Buffer } from 'node:buffer';
import { Level } from 'level';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Operation, StoreFailed } from '../../src/ports/store.ts';
import { type Bytewise, LevelStore } from '../../src/storage/level-store.ts';
import { storeContract } from '../contract/store.contract.ts';
import { tempDir } from '../support/temp-dir.ts';

storeContract('the store on LevelDB', async () => {
  const disk = await openWatched();
  const store = new LevelStore(disk.db, 'fsync');
  return { store, failNextWrite: disk.failWrites, failReads: disk.failReads };
});

describe('the store on LevelDB', () => {
  const row: Operation = { key: Buffer.from('k'), value: Buffer.from('v') };

  it('does not touch LevelDB again after a failed write, even if the disk has recovered', async () => {
    const disk = await openWatched();
    const store = new LevelStore(disk.db, 'fsync');
    disk.failWrites();
    await expect(store.write([row])).rejects.toThrow('Input/output error');
    disk.healWrites();
    await expect(store.write([row])).rejects.toThrow('until the store is opened anew');
    expect(disk.writes).toEqual([{ sync: true }]);
  });

  it.each([
    { durability: 'fsync', sync: true },
    { durability: 'os', sync: false },
  ] as const)('asks LevelDB for sync $sync under durability $durability', async ({ durability, sync }) => {
    const disk = await openWatched();
    await new LevelStore(disk.db, durability).write([row]);
    expect(disk.writes).toEqual([{ sync }]);
  });

  it('finds after it was closed and opened again what it held', async () => {
    const path = await tempDir();
    const first = await LevelStore.open({ path, durability: 'fsync', create: true });
    await first.write([row]);
    await first.close();
    const second = await LevelStore.open({ path, durability: 'fsync', create: false });
    expect(second.get(row.key)).toEqual(row.value);
    await second.close();
  });

  it('is not made where nobody asked to create it', async () => {
    const path = await tempDir();
    await expect(LevelStore.open({ path, durability: 'fsync', create: false })).rejects.toThrow(StoreFailed);
  });

  it('says by its cause that another holds it', async () => {
    const path = await tempDir();
    const first = await LevelStore.open({ path, durability: 'fsync', create: true });
    const second = LevelStore.open({ path, durability: 'fsync', create: false });
    await expect(second).rejects.toMatchObject({ name: 'StoreFailed', cause: { code: 'LEVEL_LOCKED' } });
    await first.close();
  });

  it('does not begin to close LevelDB below a write under way', async () => {
    const { db, holdWrites, releaseWrites } = await openWatched();
    const store = new LevelStore(db, 'fsync');
    holdWrites();
    const written = store.write([row]);
    const closed = store.close();
    await new Promise(setImmediate);
    expect(db.status).toBe('open');
    releaseWrites();
    await Promise.all([written, closed]);
    expect(db.status).toBe('closed');
  });

  it('rejects closing when LevelDB cannot be closed', async () => {
    const { db } = await openWatched();
    const close = db.close.bind(db);
    db.close = () => close().then(() => Promise.reject(new Error('Input/output error')));
    await expect(new LevelStore(db, 'fsync').close()).rejects.toThrow(StoreFailed);
  });
});

/**
 * A LevelDB whose batches can be made to fail just where fsync would, and or wait there, and which notes how
 * it is asked to write.
 */
async function openWatched() {
  const db: Bytewise = new Level(await tempDir(), { keyEncoding: 'buffer', valueEncoding: 'buffer' });
  await db.open();
  onTestFinished(db.close.bind(db));
  const batch = db.batch.bind(db) as () => ReturnType<typeof db.batch>;
  const writes: object[] = [];
  let failing = false;
  let release = () => {};
  let held: Promise<void> | undefined;
  db.batch = (() => {
    const made = batch();
    const write = made.write.bind(made);
    made.write = (async (options: object) => {
      writes.push(options);
      await held;
      if (failing) throw new Error('IO error: Input/output error');
      await write(options);
    }) as typeof made.write;
    return made;
  }) as typeof db.batch;
  return {
    db,
    writes,
    failWrites: () => {
      failing = true;
    },
    /** As classic-level complains: of corruption by a code, of the disk in a get without one. */
    failReads: ({ corrupt }: { readonly corrupt: boolean }) => {
      const error = corrupt
        ? Object.assign(new Error('Corruption: block checksum mismatch'), { code: 'LEVEL_CORRUPTION' })
        : new Error('IO error: 000005.ldb: Too many open files');
      const fail = () => {
        throw error;
      };
      Object.assign(db, { getSync: fail, iterator: fail });
    },
    healWrites: () => {
      failing = false;
    },
    holdWrites: () => {
      held = new Promise(resolve => {
        release = resolve;
      });
    },
    releaseWrites: () => release(),
  };
}
