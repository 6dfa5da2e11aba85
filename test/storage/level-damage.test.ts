/**
 * What a power cut leaves of LevelDB's log: a tail that is missing, zeros, or rubbish (TRAPS S4). Opened
 * again, the store holds the batches up to some moment, each whole, and none after it; it must never hold a
 * later one without an earlier.
 */
import { Buffer } from 'node:buffer';
import { cp, mkdir, readdir, readFile, rename, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { LevelStore } from '../../src/storage/level-store.ts';
import { tempDir } from '../support/temp-dir.ts';

const BATCHES = 60;
const SECTOR_BYTES = 512;

describe('a log whose tail a power cut took', () => {
  const random = new SeededRandom(11);
  it.each([
    ['is missing', (_size: number) => new Uint8Array()],
    ['is zeros', (size: number) => new Uint8Array(size)],
    ['is rubbish', (size: number) => random.bytes(size)],
  ])('%s from any sector on: the store holds whole batches up to some moment', async (_what, tail) => {
    const folder = await tempDir();
    const whole = join(folder, 'whole');
    const log = await writeBatches(whole);
    const bytes = await readFile(join(whole, log));
    const held: number[] = [];
    for (let cut = 0; cut < bytes.length; cut += SECTOR_BYTES) {
      const path = join(folder, String(cut));
      await cp(whole, path, { recursive: true });
      await writeFile(join(path, log), Buffer.concat([bytes.subarray(0, cut), tail(bytes.length - cut)]));
      held.push(await countWholeBatches(path));
    }
    expect(held).toEqual([...held].sort((a, b) => a - b));
    expect(held[0]).toBe(0);
    expect(held.at(-1)).toBeGreaterThan(BATCHES - 10);
  });
});

describe('a table that a get cannot have', () => {
  it('is corrupt when its bytes are wrong', async () => {
    const { path, table } = await writeTable();
    const bytes = await readFile(table);
    await writeFile(table, Buffer.alloc(bytes.length, 0xff));
    await expect(getFirst(path)).rejects.toMatchObject({ name: 'StoreFailed', corrupt: true });
  });

  it('is not corrupt when the disk does not give it', async () => {
    const { path, table } = await writeTable();
    await rename(table, `${table}.whole`);
    await mkdir(table);
    await expect(getFirst(path)).rejects.toMatchObject({ name: 'StoreFailed', corrupt: false });
    await rmdir(table);
    await rename(`${table}.whole`, table);
    expect(await getFirst(path)).toBeDefined();
  });
});

/** A LevelDB that was opened again, and so has its rows in a table instead of the log. */
async function writeTable(): Promise<{ path: string; table: string }> {
  const path = await tempDir();
  await writeBatches(path);
  expect(await getFirst(path)).toBeDefined();
  return { path, table: join(path, (await readdir(path)).find(name => name.endsWith('.ldb'))!) };
}

async function getFirst(path: string): Promise<Uint8Array | undefined> {
  const store = await LevelStore.open({ path, durability: 'os', create: false });
  try {
    return store.get(keyOf('a', 0));
  } finally {
    await store.close();
  }
}

/** Two rows a batch. Gives the name of the log. */
async function writeBatches(path: string): Promise<string> {
  const store = await LevelStore.open({ path, durability: 'os', create: true });
  const value = Buffer.alloc(100, 'v');
  for (let number = 0; number < BATCHES; number += 1) {
    await store.write(['a', 'b'].map(row => ({ key: keyOf(row, number), value })));
  }
  await store.close();
  return (await readdir(path)).find(name => name.endsWith('.log'))!;
}

/** How many batches there are; asserts that none is in parts and none is missing before the last. */
async function countWholeBatches(path: string): Promise<number> {
  const store = await LevelStore.open({ path, durability: 'os', create: false });
  const numbers = Array.from({ length: BATCHES }, (_, number) => number);
  const [a, b] = ['a', 'b'].map(row => numbers.map(number => store.get(keyOf(row, number)) !== undefined));
  await store.close();
  expect(a).toEqual(b);
  const count = a!.filter(Boolean).length;
  expect(a!.slice(0, count)).not.toContain(false);
  return count;
}

const keyOf = (row: string, number: number) => Buffer.from(`${row}${String(number).padStart(4, '0')}`);
