/**
 * Opens a node's data directory, and decides whether what is there may be opened at all (TRAPS §0.1, S5).
 * LevelDB would open a store without its CURRENT file as an empty one, and a node that forgot everything
 * would go on answering "not found".
 *
 *   identity.json   who this node is, and whether it stopped cleanly
 *   cluster.json    the cluster it belongs to
 *   store/          LevelDB
 *
 * Birth, in an order in which every crash can be restarted:
 *   1. the directory          a crash leaves it empty: born at the next start
 * 2. store.new-XXXXXX/      LevelDB made and closed under a name of its own; a crash leaves litter that never
 * held anything
 * 3. renamed to store/      one step: `store` is a whole LevelDB or is not there; of two processes born at
 * once one gives way
 * 4. identity.json          the engine's first act; a crash before it leaves an empty store: the next start
 * is fresh again So a missing store is a birth only when no file says that there was one, and a store that
 * holds something has an identity.
 */
import { access, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DurableFile } from '../ports/durable-file.ts';
import type { Store } from '../ports/store.ts';
import { DiskFile } from './durable-file.ts';
import { makeDirectory, syncDirectory } from './files.ts';
import { type Durability, LevelStore } from './level-store.ts';
import { damaged, type Named, startUpError } from './start-up-failures.ts';

const STORE = 'store';
const UNBORN = 'store.new-';
const IDENTITY = 'identity.json';
const CLUSTER = 'cluster.json';

export interface DataDirectory {
  readonly store: Store;
  /**
   * To be written before the first write to the store, and before `cluster`: the order tells an unfinished
   * birth from a loss.
   */
  readonly identity: DurableFile;
  readonly cluster: DurableFile;
  /** No identity was ever written here: a new node, or one that was wiped. */
  readonly fresh: boolean;
}

export interface DataDirectoryOptions extends Named {
  readonly durability: Durability;
}

/** Rejects with StartUpError when the directory is used, unusable or damaged; then it is as it was. */
export async function openDataDirectory(options: DataDirectoryOptions): Promise<DataDirectory> {
  try {
    await makeDirectory(options.path);
    const names = await readdir(options.path);
    if (!names.includes(STORE)) await bear(options, names);
    return await openBorn(options);
  } catch (error) {
    throw startUpError(options, error);
  }
}

async function bear(named: Named, names: readonly string[]): Promise<void> {
  const witness = names.find(name => name === IDENTITY || name === CLUSTER);
  if (witness) throw damaged(named, { what: `${witness} is there, but its store is gone` });
  const path = join(named.path, STORE);
  try {
    await makeStore(path, await mkdtemp(join(named.path, UNBORN)));
  } catch (error) {
    const anotherWasFaster = await exists(path);
    if (!anotherWasFaster) throw error;
  }
}

async function makeStore(path: string, unborn: string): Promise<void> {
  const store = await LevelStore.open({ path: unborn, durability: 'fsync', create: true });
  await store.close();
  await syncDirectory(unborn);
  await rename(unborn, path);
  await syncDirectory(dirname(path));
}

async function openBorn({ path, name, durability }: DataDirectoryOptions): Promise<DataDirectory> {
  const named = { path, name };
  await checkLog(named);
  const store = await LevelStore.open({ path: join(path, STORE), durability, create: false });
  try {
    await removeUnborn(path);
    return { store, ...(await openFiles(named, store)) };
  } catch (error) {
    await store.close().catch(() => undefined);
    throw error;
  }
}

/** LevelDB is never without a log, yet opens without one and says nothing of the writes that were in it. */
async function checkLog(named: Named): Promise<void> {
  const names = await readdir(join(named.path, STORE));
  if (!names.some(name => name.endsWith('.log')))
    throw damaged(named, { what: 'the log of the store is gone' });
}

/** The store is open, hence locked: whoever else is being born here has to give way. */
async function removeUnborn(path: string): Promise<void> {
  const litter = (await readdir(path)).filter(name => name.startsWith(UNBORN));
  await Promise.all(litter.map(name => rm(join(path, name), { recursive: true, force: true })));
}

async function openFiles(named: Named, store: Store): Promise<Omit<DataDirectory, 'store'>> {
  const identity = new DiskFile(join(named.path, IDENTITY));
  const cluster = new DiskFile(join(named.path, CLUSTER));
  const fresh = (await identity.read()) === undefined;
  const clusterWritten = (await cluster.read()) !== undefined;
  if (fresh && (clusterWritten || !(await isEmpty(store)))) {
    throw damaged(named, { what: `${IDENTITY} is gone, but not what was written after it` });
  }
  return { identity, cluster, fresh };
}

async function isEmpty(store: Store): Promise<boolean> {
  const everything = { from: Uint8Array.of(), to: ABOVE_ALL_KEYS, limit: 1 };
  return (await store.scan(everything)).length === 0;
}

/** No storage key begins with as many 0xff. */
const ABOVE_ALL_KEYS = new Uint8Array(64).fill(0xff);

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
