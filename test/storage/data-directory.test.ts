import { Buffer } from 'node:buffer';
import { cp, mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StartUpError } from '../../src/base/errors.ts';
import { type DataDirectory, openDataDirectory } from '../../src/storage/data-directory.ts';
import { LevelStore } from '../../src/storage/level-store.ts';
import { tempDir } from '../support/temp-dir.ts';

const KEY = Buffer.from('k');
const VALUE = Buffer.from('v');
const IDENTITY = { name: 'n1' };

async function open(path: string): Promise<DataDirectory> {
  const directory = await openDataDirectory({ path, name: 'n1', durability: 'fsync' });
  onTestFinished(() => directory.store.close());
  return directory;
}

/** A directory of a node that lived, wrote one row, founded a cluster and stopped. */
async function lived(): Promise<string> {
  const path = join(await tempDir(), 'data');
  const { store, identity, cluster } = await open(path);
  await identity.write(IDENTITY);
  await store.write([{ key: KEY, value: VALUE }]);
  await cluster.write({ founders: ['n1'] });
  await store.close();
  return path;
}

/** How it is refused: twice, because a refusal must not mend what it refused. */
async function refusal(path: string): Promise<StartUpError> {
  await open(path).catch(() => undefined);
  const error = await open(path).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(StartUpError);
  const refused = error as StartUpError;
  expect(refused.message).not.toContain('\n');
  expect(refused.message).toContain(path);
  expect(refused.message.endsWith(refused.advice)).toBe(true);
  return refused;
}

const WIPE = /wipe all of it and start again as --name n1: the node comes back recovering/;
const CHECK = /check its path, rights and free space/;

describe('the birth of a data directory', () => {
  it('makes the directory and its parents, fresh and empty', async () => {
    const path = join(await tempDir(), 'a', 'b', 'c');
    const { store, identity, cluster, fresh } = await open(path);
    expect(fresh).toBe(true);
    expect(store.get(KEY)).toBeUndefined();
    expect(await identity.read()).toBeUndefined();
    expect(await cluster.read()).toBeUndefined();
    expect(await readdir(path)).toEqual(['store']);
  });

  it('is over once the identity is written: the next start is not fresh and finds everything', async () => {
    const { store, identity, cluster, fresh } = await open(await lived());
    expect(fresh).toBe(false);
    expect(store.get(KEY)).toEqual(VALUE);
    expect(await identity.read()).toEqual({ content: IDENTITY, copied: false });
    expect((await cluster.read())?.content).toEqual({ founders: ['n1'] });
  });

  it.each([
    ['after the directory was made', async () => undefined],
    ['after the folder for LevelDB was made', async (path: string) => mkdir(join(path, 'store.new-aaaaaa'))],
    ['while LevelDB was being made', async (path: string) => halfStore(join(path, 'store.new-aaaaaa'))],
    ['after LevelDB was made', async (path: string) => wholeStore(join(path, 'store.new-aaaaaa'))],
    ['after LevelDB got its name', async (path: string) => wholeStore(join(path, 'store'))],
    ['while the identity was being written', identityHalfWritten],
  ])('goes on after a crash %s', async (_when, crash) => {
    const path = join(await tempDir(), 'data');
    await mkdir(path);
    await crash(path);
    const { store, identity, fresh } = await open(path);
    expect(fresh).toBe(true);
    await identity.write(IDENTITY);
    await store.write([{ key: KEY, value: VALUE }]);
    await store.close();
    const next = await open(path);
    expect(next.fresh).toBe(false);
    expect(next.store.get(KEY)).toEqual(VALUE);
    expect((await readdir(path)).sort()).toEqual(['identity.json', 'store']);
  });

  it('of two processes at once leaves one with the directory and tells the other that it is used', async () => {
    const path = join(await tempDir(), 'data');
    const born = await Promise.allSettled([open(path), open(path), open(path)]);
    expect(born.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of born) {
      if (outcome.status === 'rejected') expect(outcome.reason.message).toMatch(/is used by another process/);
    }
  });
});

describe('a data directory that is refused', () => {
  it('is used by another process', async () => {
    const path = await lived();
    const { store } = await open(path);
    const { message } = await refusal(path);
    expect(message).toMatch(
      /is used by another process: stop that process, or give this node a directory of its own/,
    );
    expect(store.get(KEY)).toEqual(VALUE);
  });

  it.each([
    ['the CURRENT file is gone', 'CURRENT', (file: string) => rm(file)],
    ['the CURRENT file is empty', 'CURRENT', (file: string) => truncate(file, 0)],
    ['the MANIFEST is gone', 'MANIFEST', (file: string) => rm(file)],
    ['the MANIFEST is cut', 'MANIFEST', async (file: string) => truncate(file, (await stat(file)).size >> 1)],
    [
      'the MANIFEST is zeros',
      'MANIFEST',
      async (file: string) => writeFile(file, Buffer.alloc((await stat(file)).size)),
    ],
    ['the log is gone', '.log', (file: string) => rm(file)],
    ['a table is gone', '.ldb', (file: string) => rm(file)],
  ])('is one of whose store %s', async (_what, name, damage) => {
    const path = await livedTwice();
    await damage(await fileOfStore(path, name));
    expect((await refusal(path)).message).toMatch(WIPE);
  });

  it.each([
    ['has an identity but no store', (path: string) => rm(join(path, 'store'), { recursive: true })],
    ['has rows but no identity', (path: string) => removeAllBut(path, 'store')],
    ['has a cluster and an empty store but no identity', (path: string) => onlyClusterAndNewStore(path)],
    ['has only the cluster left', (path: string) => removeAllBut(path, 'cluster.json')],
    ['has an empty folder for a store', (path: string) => emptyStore(path)],
    ['has a damaged identity', (path: string) => truncate(join(path, 'identity.json'), 20)],
    ['has a damaged cluster', (path: string) => truncate(join(path, 'cluster.json'), 20)],
  ])('is one that %s', async (_what, damage) => {
    const path = await lived();
    await damage(path);
    expect((await refusal(path)).message).toMatch(WIPE);
  });

  it('is damaged, and a new one after it was wiped', async () => {
    const path = await lived();
    await rm(join(path, 'store', 'CURRENT'));
    await refusal(path);
    await rm(path, { recursive: true });
    expect((await open(path)).fresh).toBe(true);
  });

  it('is no directory', async () => {
    const path = join(await tempDir(), 'file');
    await writeFile(path, 'of somebody else');
    expect((await refusal(path)).message).toMatch(CHECK);
    expect(await readFile(path, 'utf8')).toBe('of somebody else');
  });

  it('lies below a file', async () => {
    const file = join(await tempDir(), 'file');
    await writeFile(file, '');
    expect((await refusal(join(file, 'a', 'b'))).message).toMatch(CHECK);
  });

  it('lies where nobody may write', async () => {
    expect((await refusal('/proc/shoal/data')).message).toMatch(CHECK);
  });
});

describe('a copied data directory', () => {
  it('opens, and its files say that they are copies', async () => {
    const path = await lived();
    await cp(path, `${path}-copy`, { recursive: true });
    const { store, identity, cluster, fresh } = await open(`${path}-copy`);
    expect(fresh).toBe(false);
    expect(store.get(KEY)).toEqual(VALUE);
    expect((await identity.read())?.copied).toBe(true);
    expect((await cluster.read())?.copied).toBe(true);
  });

  it('is none when it was only moved', async () => {
    const path = await lived();
    await rename(path, `${path}-moved`);
    const { identity } = await open(`${path}-moved`);
    expect((await identity.read())?.copied).toBe(false);
  });
});

/**
 * LevelDB flushes its log into a table when it is opened the next time: now there are files of every kind.
 */
async function livedTwice(): Promise<string> {
  const path = await lived();
  const { store } = await open(path);
  await store.write([{ key: KEY, value: VALUE }]);
  await store.close();
  return path;
}

async function fileOfStore(path: string, name: string): Promise<string> {
  const files = await readdir(join(path, 'store'));
  return join(path, 'store', files.find(file => file.includes(name))!);
}

async function wholeStore(path: string): Promise<void> {
  await mkdir(path);
  await (await LevelStore.open({ path, durability: 'fsync', create: true })).close();
}

async function halfStore(path: string): Promise<void> {
  await wholeStore(path);
  await rm(join(path, 'CURRENT'));
}

async function identityHalfWritten(path: string): Promise<void> {
  await wholeStore(join(path, 'store'));
  await writeFile(join(path, 'identity.json.new'), '{"note": "half');
}

async function removeAllBut(path: string, kept: string): Promise<void> {
  for (const name of await readdir(path)) if (name !== kept) await rm(join(path, name), { recursive: true });
}

async function onlyClusterAndNewStore(path: string): Promise<void> {
  await removeAllBut(path, 'cluster.json');
  await wholeStore(join(path, 'store'));
}

async function emptyStore(path: string): Promise<void> {
  await rm(join(path, 'store'), { recursive: true });
  await mkdir(join(path, 'store'));
}
