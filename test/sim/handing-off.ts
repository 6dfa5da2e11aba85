/**
 * Waits until the nodes of the core owe each other nothing any more, as their disks tell: no note whose
 * target is in the core, and no record at a stand-in all of whose owners are. Nobody asks for anything
 * meanwhile, so nothing but handoff gets it there. What waits for an outcast waits for good.
 */
import { Violation } from './oracle.ts';
import type { View } from './view.ts';

/** From the moment when the core serves again. */
const HANDING_OFF_MS_MAX = 30_000;
const LOOK_MS = 100;

interface Owed {
  readonly key: string;
  readonly what: string;
}

/** Rejects with Violation L1. */
export async function handOffAll(view: View, pass: (ms: number) => Promise<unknown>): Promise<void> {
  const end = view.now + HANDING_OFF_MS_MAX;
  for (let owed = firstOwed(view); owed !== undefined; owed = firstOwed(view)) {
    if (view.now >= end) throw new Violation('L1', `not handed off in time: ${owed.what}`, owed);
    await pass(LOOK_MS);
  }
}

export function firstOwed(view: View): Owed | undefined {
  for (const node of view.core) {
    const note = view.notes(node).find(({ target }) => view.core.includes(target));
    if (note !== undefined)
      return { key: note.key, what: `${node} still has a note that ${note.target} lacks ${note.key}` };
    const key = view.keys.find(name => isForeign(name, { node, view }));
    if (key !== undefined) return { key, what: `${node}, no owner of ${key}, still has it` };
  }
  return undefined;
}

/** A row that is damaged cannot be handed off. */
function isForeign(key: string, { node, view }: { node: string; view: View }): boolean {
  const owners = view.primaries(key);
  const row = view.row(node, key);
  if (row === undefined || row === 'damaged' || owners.includes(node)) return false;
  return owners.every(owner => view.core.includes(owner));
}
