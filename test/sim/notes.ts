/** The notes that lie on a disk, as src/replica/layout writes them: this key is owed to that node. */
import { readName } from '../../src/core/ring/placement.ts';
import { hintRange, readHintKey } from '../../src/replica/layout.ts';
import type { FoundStore } from './disk/found.ts';

export interface Note {
  readonly target: string;
  readonly key: string;
}

/** In the order of their targets. */
export function notesOn(disk: FoundStore): readonly Note[] {
  const entries = disk.entries({ ...hintRange(), limit: Number.POSITIVE_INFINITY });
  return entries.flatMap(({ key }) => readNote(key) ?? []);
}

/** Undefined if that is no key of a note. */
export function readNote(stored: Uint8Array): Note | undefined {
  const found = readHintKey(stored);
  const names = found && readName(found.place.name);
  return names && { target: found.target, key: names.key };
}
