/**
 * Many keys in one call: what each of them came to, and how many are under way at once. Not a transaction and
 * not a message of its own: on a pipeline the requests of one turn share a frame anyway, and each goes to a
 * node that holds its key.
 */
import { ShoalError } from '../base/errors.ts';
import type { Entry } from './entry.ts';
import type { WriteOptions } from './options.ts';
import type { Shown, Value } from './shown.ts';
import type { Surroundings } from './surroundings.ts';
import type { Written } from './written.ts';

/** What became of one key: `if (item.ok) item.entry.value; else item.error.reason`. */
export type Got =
  | { readonly key: string; readonly ok: true; readonly entry: Entry }
  | { readonly key: string; readonly ok: false; readonly error: ShoalError };

/** What became of one write. */
export type Put =
  | { readonly key: string; readonly ok: true; readonly written: Written }
  | { readonly key: string; readonly ok: false; readonly error: ShoalError };

/** A key and its new value: over whatever is there, or as `after` and `blind` of `PutOptions` say. */
export interface NewEntry {
  readonly key: string;
  readonly value: Value;
  readonly after?: Shown | undefined;
  readonly blind?: boolean | undefined;
}

export type PutManyOptions = Omit<WriteOptions, 'after'>;

/** Enough to fill frames, and little beside what else the program does. */
export const AT_ONCE = 256;
const MIB = 1024 * 1024;
/**
 * Of values: 1. 300 of 1 MiB are put, 256 of them at once; 2. the nodes are given what they take, some 100;
 * 3. the rest exceeds what may wait in this process, and half of the writes are refused by the very call that
 * was to spread them.
 */
const BYTES_AT_ONCE = 16 * MIB;

interface Within {
  readonly deadlineMs: number;
  readonly atOnce?: number;
  readonly surroundings: Surroundings;
}

/**
 * @param one does one of them within so many milliseconds; never rejects with a ShoalError
 * @returns in the order of the items
 */
export async function many<Item, Result>(
  items: readonly Item[],
  { deadlineMs, surroundings, atOnce = AT_ONCE }: Within,
  one: (item: Item, rest: () => number) => Promise<Result>,
): Promise<readonly Result[]> {
  const deadline = surroundings.now() + deadlineMs;
  const rest = (): number => {
    const restMs = deadline - surroundings.now();
    if (restMs <= 0)
      throw new ShoalError('EXPIRED', 'the time for all of them was up before this one was begun');
    return restMs;
  };
  const results = new Array<Result>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const at = next;
      next += 1;
      results[at] = await one(items[at]!, rest);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}

/** How many of these are written at once: fewer where one of them is large. */
export function atOnceOf(entries: readonly NewEntry[]): number {
  const largest = entries.reduce((most, { value }) => Math.max(most, sizeOf(value)), 1);
  return Math.min(AT_ONCE, Math.max(1, Math.floor(BYTES_AT_ONCE / largest)));
}

/** About; whether it is a value at all is told with the write itself. */
function sizeOf(value: Value): number {
  if (typeof value === 'string') return value.length;
  return value instanceof Uint8Array ? value.byteLength : 0;
}

/** What is no ShoalError is a mistake of the program, and ends the whole. */
export function shoalError(error: unknown): ShoalError {
  if (error instanceof ShoalError) return error;
  throw error;
}
