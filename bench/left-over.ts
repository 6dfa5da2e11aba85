/**
 * What must not outlive the bench, however it ends: folders, and nodes, which write to them until they have
 * ended.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const endings = new Set<() => void>();

/** Carried out when the process exits, at the latest. @returns what carries it out now */
export function atTheEnd(ending: () => void): () => void {
  endings.add(ending);
  return () => {
    endings.delete(ending);
    ending();
  };
}

/** An empty one, until it is removed. */
export interface Folder {
  readonly path: string;
  readonly remove: () => void;
}

export function makeFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'shoal-bench-'));
  return { path, remove: atTheEnd(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 })) };
}

/** An empty folder for as long as `use` takes. */
export async function withFolder<T>(use: (path: string) => Promise<T>): Promise<T> {
  const { path, remove } = makeFolder();
  try {
    return await use(path);
  } finally {
    remove();
  }
}

/** What came last goes first: nodes before their folder. */
export function endAll(): void {
  for (const ending of [...endings].reverse()) ending();
}
