/**
 * What only a process of its own can show: kill -9, a disk that refuses to grow a file, and LevelDB on
 * damaged tables. The last is a process of its own because LevelDB may take the whole process with it: it is
 * built with its assertions on, and some damage trips one. The node dies then and serves nothing, which is a
 * clean end, though not a pleasant one.
 */
import { Buffer } from 'node:buffer';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import type { Store } from '../../src/ports/store.ts';
import { openDataDirectory } from '../../src/storage/data-directory.ts';
import { tempDir } from '../support/temp-dir.ts';

const CHILD = fileURLToPath(new URL('./storage-child.mjs', import.meta.url));
const SEED = Number(process.env.SEED ?? 7);

describe('a process killed with kill -9 while it writes', () => {
  it('has every batch that it acknowledged, and none in parts, each time it is killed', async () => {
    const path = join(await tempDir(), 'data');
    for (const patience of [1, 60, 900, 2500, 5]) {
      const acknowledged = await killAfter(patience, path);
      const store = await openStore(path);
      const last = Number(Buffer.from(store.get(Buffer.from('last'))!).toString());
      expect(last).toBeGreaterThanOrEqual(acknowledged);
      for (let number = 1; number <= last; number += 1) expectNumber(store, number);
      expect(store.get(keyOf(last + 1))).toBeUndefined();
      await store.close();
    }
  });
});

describe('a process whose files may not grow any more', () => {
  it('fails the write and all after it, reads on, admits at closing that it was no clean stop, and has lost nothing', async () => {
    const path = join(await tempDir(), 'data');
    await (await openStore(path)).close();
    const limited = spawn('bash', [
      '-c',
      'ulimit -f 256 && exec "$@"',
      'bash',
      process.execPath,
      CHILD,
      'exhaust',
      path,
    ]);
    const { output } = await end(reaped(limited));
    const { acknowledged, ...rest } = JSON.parse(output);
    expect(acknowledged).toBeGreaterThan(10);
    expect(rest).toEqual({
      failure: 'StoreFailed',
      again: 'StoreFailed',
      readable: acknowledged,
      closed: 'StoreFailed',
    });
    const store = await openStore(path);
    for (let number = 1; number <= acknowledged; number += 1) expectNumber(store, number);
    expect(store.get(keyOf(acknowledged + 2))).toBeUndefined();
    await store.close();
  });
});

describe('one bit flipped in a table, a log or the manifest', () => {
  it(`gives typed failures, or bytes for the row's checksum to judge, or the end of the process (SEED=${SEED})`, async () => {
    const random = new SeededRandom(SEED);
    const folder = await tempDir();
    const whole = join(folder, 'whole');
    await writeTablesAndLog(whole);
    const files = (await readdir(join(whole, 'store'))).filter(name => /\.ldb$|\.log$|^MANIFEST/.test(name));
    expect(new Set(files.map(name => name.slice(-4))).size).toBe(3);
    for (const [trial, name] of [...files, ...files, ...files].entries()) {
      const damaged = join(folder, String(trial));
      await cp(whole, damaged, { recursive: true });
      const bit = await flipBit(join(damaged, 'store', name), random);
      expectTyped(await end(start('inspect', damaged)), `bit ${bit} of ${name}`);
    }
  });
});

interface Ended {
  readonly output: string;
  readonly errors: string;
  readonly signal: NodeJS.Signals | null;
}

function expectTyped({ output, errors, signal }: Ended, where: string): void {
  if (signal === 'SIGABRT' && /leveldb.*Assertion/.test(errors)) return;
  expect({ signal, errors }, where).toEqual({ signal: null, errors: '' });
  for (const met of JSON.parse(output)) expect(['fine', 'StoreFailed', 'StartUpError'], where).toContain(met);
}

/**
 * Kills the writer once it has acknowledged so many batches; gives the last number it acknowledged at all.
 */
async function killAfter(patience: number, path: string): Promise<number> {
  const child = start('write', path);
  let [acknowledged, seen] = [0, 0];
  for await (const line of createInterface(child.stdout!)) {
    acknowledged = Number(line);
    seen += 1;
    if (seen === patience) child.kill('SIGKILL');
  }
  expect(seen).toBeGreaterThanOrEqual(patience);
  return acknowledged;
}

/** 400 numbers, in a table each time the log is taken over at an opening, and the last of them in a log. */
async function writeTablesAndLog(path: string): Promise<void> {
  for (const from of [1, 151, 301]) {
    const store = await openStore(path);
    for (let number = from; number < from + 100 + (from === 301 ? 0 : 50); number += 1) {
      await store.write([{ key: keyOf(number), value: bytesOf(number) }]);
    }
    await store.close();
  }
}

async function openStore(path: string): Promise<Store> {
  const { store, identity, fresh } = await openDataDirectory({ path, name: 'n1', durability: 'fsync' });
  onTestFinished(() => store.close());
  if (fresh) await identity.write({ name: 'n1' });
  return store;
}

async function flipBit(file: string, random: SeededRandom): Promise<number> {
  const bytes = await readFile(file);
  const bit = random.below(bytes.length * 8);
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  await writeFile(file, bytes);
  return bit;
}

function start(task: string, path: string): ChildProcess {
  return reaped(spawn(process.execPath, [CHILD, task, path]));
}

function reaped(child: ChildProcess): ChildProcess {
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function end(child: ChildProcess): Promise<Ended> {
  const exit = once(child, 'exit');
  const [output, errors] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  const [, signal] = (await exit) as [number | null, NodeJS.Signals | null];
  return { output, errors, signal };
}

function expectNumber(store: Store, number: number): void {
  const found = store.get(keyOf(number));
  expect(found !== undefined && Buffer.from(found).equals(bytesOf(number)), `number ${number}`).toBe(true);
}

const keyOf = (number: number) => Buffer.from(`number ${String(number).padStart(8, '0')}`);
const bytesOf = (number: number) => Buffer.alloc(2048, number % 256);
