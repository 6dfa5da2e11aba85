/**
 * How many versions a write without a context is about to replace. The reply to it does not say, so the key is read just before;
 * what others do in the moment between is not in the count. Undefined, and nothing is said, when that read fails: the write
 * is what was asked for, and it may well succeed.
 */
import { type Bucket, ShoalError } from '../client/index.ts';
import type { WriteFlags } from './data-flags.ts';
import type { Replaced } from './sentences.ts';

/** A courtesy to people, so it gets a small part of the time. */
const SHARE = 1 / 4;

export async function versionsThere(
  bucket: Bucket,
  key: string,
  { deadline }: WriteFlags,
): Promise<Replaced> {
  try {
    return (await bucket.get(key, { deadlineMs: deadline * SHARE })).siblings.length;
  } catch (error) {
    if (error instanceof ShoalError) return undefined;
    throw error;
  }
}
