/**
 * Read, merge, write, and again while others write the same key (Dynamo §4.4: the client reconciles). Of
 * several concurrent writers the later one is shown the siblings and merges them; so the rounds end when the
 * writers do.
 *
 * After a write that left siblings it reads again and does not reckon with its own value: a retried write may
 * be one that somebody has seen and overwritten already, and merging it once more would bring back what they
 * took out.
 */
import { ShoalError } from '../base/errors.ts';
import { checkDeadline, checkRounds } from './checks.ts';
import type { Entry } from './entry.ts';
import { ContendedError } from './errors.ts';
import type { PutOptions, ReadOptions, UpdateOptions, WriteOptions } from './options.ts';
import { roundPauseMs } from './retry.ts';
import type { Session } from './session.ts';
import type { Value } from './shown.ts';
import { Written } from './written.ts';

/**
 * From all values of a key, none when it is absent, the one to write in their place; undefined removes the
 * key.
 */
export type Merge = (values: readonly Value[]) => Value | undefined | Promise<Value | undefined>;

const ROUNDS_DEFAULT = 10;

/** The part of a bucket that it takes. */
interface Keys {
  get(key: string, options: ReadOptions): Promise<Entry>;
  put(key: string, value: Value, options: PutOptions): Promise<Written>;
  delete(key: string, options: WriteOptions): Promise<Written>;
}

export interface Subject {
  readonly bucket: Keys;
  readonly key: string;
  readonly merge: Merge;
}

export async function update(subject: Subject, options: UpdateOptions, session: Session): Promise<Written> {
  const world = session.surroundings;
  const rounds = checkRounds(options.rounds ?? ROUNDS_DEFAULT);
  const deadline = world.now() + checkDeadline(options.deadlineMs ?? session.deadlineMs);
  const rest = (): UpdateOptions => ({ ...options, deadlineMs: Math.max(1, deadline - world.now()) });
  let written = await mergeOnce(subject, rest);
  for (let round = 1; written.siblings.length > 0; round += 1) {
    const pause = roundPauseMs(round, world.fraction());
    if (round === rounds || world.now() + pause >= deadline) throw new ContendedError(written);
    await world.sleep(pause, options.signal);
    written = await mergeAgain(subject, rest, written);
  }
  return written;
}

async function mergeOnce({ bucket, key, merge }: Subject, rest: () => UpdateOptions): Promise<Written> {
  const entry = await bucket.get(key, rest());
  const value = await merge(entry.values);
  if (value !== undefined) return bucket.put(key, value, { ...rest(), after: entry });
  return entry.exists ? bucket.delete(key, { ...rest(), after: entry }) : new Written(entry);
}

/** A failure now is not the failure of the update: an earlier round has written. */
async function mergeAgain(subject: Subject, rest: () => UpdateOptions, written: Written): Promise<Written> {
  try {
    return await mergeOnce(subject, rest);
  } catch (cause) {
    throw cause instanceof ShoalError ? new ContendedError(written, cause) : cause;
  }
}
