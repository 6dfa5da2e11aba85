/** Folders for tests, gone when the test is over, however it ends. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder for the test that is running. */
export async function tempDir(): Promise<string> {
  const path = await emptyDir();
  onTestFinished(() => remove(path));
  return path;
}

/** An empty folder for as long as `use` takes: for hooks and scripts, where no test is running. */
export async function withTempDir<T>(use: (path: string) => Promise<T>): Promise<T> {
  const path = await emptyDir();
  try {
    return await use(path);
  } finally {
    await remove(path);
  }
}

async function emptyDir(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), 'shoal-')));
}

function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}
