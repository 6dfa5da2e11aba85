/** What node:fs lacks: folders and names that survive a power cut. */
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes the names in a folder durable: a file that was fsynced can still lose its name. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes a folder and those above it that are missing, durably; it may exist already.
 * Do not replace by `mkdir(path, { recursive: true })`: below /proc that spins for ever on Node 20.
 */
export async function makeDirectory(path: string): Promise<void> {
  if ((await tryMakeDirectory(path)) !== 'no parent') return;
  await makeDirectory(dirname(path));
  if ((await tryMakeDirectory(path)) === 'no parent') throw new Error(`no folder can be made at ${path}`);
}

async function tryMakeDirectory(path: string): Promise<'made' | 'there' | 'no parent'> {
  try {
    await mkdir(path);
    await syncDirectory(dirname(path));
    return 'made';
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') return 'there';
    if (code === 'ENOENT') return 'no parent';
    throw error;
  }
}

/** The `code` of an error of node:fs or LevelDB. */
export function errorCode(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code;
}
