/**
 * How what lies on a simulated disk is damaged without a word: a flipped bit in a row, blocks of LevelDB's
 * log gone (TRAPS §0.1).
 */
import { Buffer } from 'node:buffer';
import { byteText } from '../../../src/base/bytes.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import type { KeyPlace } from '../../../src/core/ring/placement.ts';
import { dataRange, readDataKey } from '../../../src/replica/layout.ts';
import { type DiskLog, LOG_BATCHES } from './log.ts';

/** Of records. */
const ROWS = {
  from: byteText(dataRange().from),
  to: byteText(dataRange().to),
  limit: Number.POSITIVE_INFINITY,
};

/** Flips one bit of one record's row. Undefined when there is none. */
export function rotOneRow(log: DiskLog, pick: number): KeyPlace | undefined {
  const keys = log.rows.keys(ROWS);
  const key = keys[pick % keys.length];
  if (key === undefined) return undefined;
  log.rot(key, flipped(log.rows.get(key)!, pick));
  return readDataKey(Buffer.from(key, 'latin1'));
}

export interface LogLoss {
  /** The newest batches; else some before them. */
  readonly tail: boolean;
  readonly batches: number;
}

/**
 * So many batches in a row are gone, or as many as there are since the store was opened.
 * @returns how many
 */
export function loseBlocks(log: DiskLog, { tail, batches }: LogLoss, random: SeededRandom): number {
  const recent = Math.min(log.length, LOG_BATCHES);
  const count = Math.min(batches, tail ? recent : recent - 1);
  if (count <= 0) return 0;
  const kept = recent - count;
  const before = tail ? kept : random.below(kept);
  log.lose({ from: log.length - recent + before, count });
  return count;
}

/**
 * One bit of it, which `pick` decides alone: other faults may be left out of a plan without changing this
 * one.
 */
function flipped(value: Buffer, pick: number): Buffer {
  const rotten = Buffer.from(value);
  const bit = new SeededRandom(pick).below(8 * value.byteLength);
  rotten[bit >> 3] = rotten[bit >> 3]! ^ (1 << (bit & 7));
  return rotten;
}
