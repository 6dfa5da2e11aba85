/**
 * What LevelDB itself does not tell (TRAPS §0.1): that it left out committed batches. Trail and floor
 * together do.
 */
import { Buffer } from 'node:buffer';
import { cp, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Committer } from '../../src/replica/committer.ts';
import { factKey } from '../../src/replica/layout.ts';
import { BatchTrail } from '../../src/replica/trail.ts';
import { FloorFile } from '../../src/storage/floor-file.ts';
import { LevelStore } from '../../src/storage/level-store.ts';
import { Counters } from '../../src/system/counters.ts';
import { tempDir } from '../support/temp-dir.ts';

const BATCHES = 300;
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function open(directory: string, create = false) {
  const store = await LevelStore.open({ path: join(directory, 'store'), durability: 'os', create });
  const floor = new FloorFile({ path: join(directory, 'floor'), log: SILENT });
  return { store, floor, trail: await BatchTrail.load(store, floor) };
}

/** A directory after as many batches as fill the log's blocks of 32 KiB three times. */
async function written(): Promise<string> {
  const directory = await tempDir();
  const { store, floor, trail } = await open(directory, true);
  const committer = new Committer({ store, metrics: new Counters(), ledgers: [trail] });
  for (let i = 0; i < BATCHES; i++) {
    await committer.queue([{ key: factKey(`row ${i}`), value: Buffer.alloc(300, i) }]);
  }
  await store.close();
  floor.close();
  return directory;
}

/** What the next start sees in a copy of the directory whose log was damaged. */
async function seenAfter(directory: string, damage: (log: string) => Promise<void>) {
  const copy = await tempDir();
  await cp(directory, copy, { recursive: true });
  const [log] = (await readdir(join(copy, 'store'))).filter(name => name.endsWith('.log'));
  await damage(join(copy, 'store', log!));
  const { store, floor, trail } = await open(copy);
  const seen = { last: trail.last, broken: trail.broken, floor: await floor.read() };
  await store.close();
  floor.close();
  return seen;
}

test('an undamaged log: every batch is there, and the floor says so', async () => {
  const seen = await seenAfter(await written(), async () => undefined);
  expect(seen).toEqual({ last: BATCHES, broken: false, floor: BATCHES });
});

test('one flipped bit anywhere in the log: LevelDB opens without a word, but the loss is seen', async () => {
  const directory = await written();
  const found = new Set<string>();
  for (let part = 0.02; part < 1; part += 0.07) {
    const seen = await seenAfter(directory, async log => {
      const bytes = await readFile(log);
      const at = Math.floor(bytes.length * part);
      bytes[at] = bytes[at]! ^ 0x10;
      await writeFile(log, bytes);
    });
    const isBelowFloor = seen.last < seen.floor!;
    expect(seen.broken || isBelowFloor, `bit flipped at ${part} of the log: ${JSON.stringify(seen)}`).toBe(
      true,
    );
    found.add(seen.broken ? 'by the trail' : 'by the floor');
  }
  expect([...found].sort()).toEqual(['by the floor', 'by the trail']);
});

test('a log cut anywhere: the floor is above what is left', async () => {
  const directory = await written();
  for (let part = 0; part < 1; part += 0.19) {
    const seen = await seenAfter(directory, async log => {
      await truncate(log, Math.floor((await readFile(log)).length * part));
    });
    expect(seen.last, `cut at ${part} of the log`).toBeLessThan(seen.floor!);
  }
});
