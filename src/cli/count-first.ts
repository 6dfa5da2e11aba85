/**
 * How many versions a write without a context is about to replace. The reply to it does not say, so the key
 * is read just before; what others do in the moment between is not in the count. When that read fails nothing
 * is claimed: the write is what was asked for, and it may well succeed.
 */
import { type Bucket, ShoalError } from '../client/index.ts';
import type { Replaced } from './sentences.ts';

export interface Counted {
  readonly replaced: Replaced;
  /** What is left for the write. */
  readonly deadlineMs: number;
}

/** A courtesy to people, so it gets a small part of the time. */
const SHARE = 1 / 4;

export interface ToCount {
  readonly bucket: Bucket;
  readonly key: string;
  /** For the count and the write. */
  readonly deadlineMs: number;
  /** Whether anybody is told. */
  readonly wanted: boolean;
}

export async function countFirst({ bucket, key, deadlineMs, wanted }: ToCount): Promise<Counted> {
  if (!wanted) return { replaced: undefined, deadlineMs };
  const began = performance.now();
  const replaced = await versionsThere(bucket, key, deadlineMs * SHARE);
  return { replaced, deadlineMs: deadlineMs - Math.min(performance.now() - began, deadlineMs * SHARE) };
}

async function versionsThere(bucket: Bucket, key: string, deadlineMs: number): Promise<Replaced> {
  try {
    return (await bucket.get(key, { deadlineMs })).siblings.length;
  } catch (error) {
    if (error instanceof ShoalError) return undefined;
    throw error;
  }
}
