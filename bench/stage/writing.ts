/** Writes many keys, each with a value that tells which it is, until every one is acknowledged. */
import type { Bucket } from '../../src/client/index.ts';

export interface Writing {
  /** 100 unless said otherwise. */
  readonly valueBytes?: number;
  /** The cluster's own unless said otherwise. */
  readonly w?: number;
  readonly strict?: boolean;
  /** The keys are new: nothing is looked for that stands there. */
  readonly blind?: boolean;
  /** For those who wait: how many are written. */
  readonly onWritten?: (keys: number) => void;
}

const VALUE_BYTES = 100;
const PART = 2_000;
const PART_MS_MAX = 120_000;
const TRIES_MAX = 20;

export async function writeKeys(
  bucket: Bucket,
  keys: readonly string[],
  { onWritten = () => {}, ...how }: Writing = {},
): Promise<void> {
  for (let at = 0; at < keys.length; at += PART) {
    await writePart(bucket, keys.slice(at, at + PART), how);
    onWritten(Math.min(at + PART, keys.length));
  }
}

async function writePart(
  bucket: Bucket,
  keys: readonly string[],
  { valueBytes, blind, ...quorum }: Omit<Writing, 'onWritten'>,
): Promise<void> {
  let left = keys;
  for (let tries = 0; left.length > 0; tries += 1) {
    const entries = left.map(key => ({ key, value: valueFor(key, valueBytes), blind }));
    const done = await bucket.putMany(entries, { ...quorum, deadlineMs: PART_MS_MAX });
    const failed = done.filter(({ ok }) => !ok);
    if (tries === TRIES_MAX) throw new Error(`${failed.length} keys could not be written`);
    left = failed.map(({ key }) => key);
  }
}

export function keysNamed(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

export function valueFor(key: string, bytes = VALUE_BYTES): string {
  return key.padEnd(bytes, '.');
}
