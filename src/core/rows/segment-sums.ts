/**
 * The digest of a segment: an order-free sum of the digests of its rows (DESIGN §7, anti-entropy; I7).
 *
 * Four u32 lanes, each the sum mod 2^32 of that quarter of every row's 16-byte digest, and a count of the
 * rows. A sum, so that a change costs two additions and never a look at the neighbours; not xor, in which a
 * row that is counted twice vanishes. The sum of a partition is the sum of its segments' sums. Against
 * accident: whoever can choose records can make sums meet, but each digest binds its bucket and key and is
 * SHA-256.
 */
import { asBuffer, ByteReader, ByteWriter } from '../../base/bytes.ts';
import { DIGEST_BYTES } from '../../base/hash.ts';
import { decodeSmallRow, encodeSmallRow } from './small-row.ts';

/** Exactly {@link SUM_WORDS} words: four lanes, then the count of rows. Every word wraps by itself. */
export type SegmentSum = Uint32Array;

export const SUM_WORDS = 5;
const LANES = 4;
const LANE_BYTES = DIGEST_BYTES / LANES;
const ROWS_AT = 4;

export function emptySum(): SegmentSum {
  return new Uint32Array(SUM_WORDS);
}

export function rowsOf(sum: SegmentSum): number {
  return sum[ROWS_AT]!;
}

/** Whether this is the sum of no rows. */
export function isEmptySum(sum: SegmentSum): boolean {
  return sum.every(word => word === 0);
}

export function sameSum(a: SegmentSum, b: SegmentSum): boolean {
  return a.every((word, i) => word === b[i]);
}

/** Counts a row in. @param digest 16 bytes */
export function addRow(sum: SegmentSum, digest: Uint8Array): void {
  for (let i = 0; i < LANES; i++) sum[i] = sum[i]! + laneOf(digest, i);
  sum[ROWS_AT] = sum[ROWS_AT]! + 1;
}

/** Counts a row out that was counted in. @param digest 16 bytes */
export function subtractRow(sum: SegmentSum, digest: Uint8Array): void {
  for (let i = 0; i < LANES; i++) sum[i] = sum[i]! - laneOf(digest, i);
  sum[ROWS_AT] = sum[ROWS_AT]! - 1;
}

export function addSum(sum: SegmentSum, other: SegmentSum): void {
  for (let i = 0; i < SUM_WORDS; i++) sum[i] = sum[i]! + other[i]!;
}

export function subtractSum(sum: SegmentSum, other: SegmentSum): void {
  for (let i = 0; i < SUM_WORDS; i++) sum[i] = sum[i]! - other[i]!;
}

/** 20 bytes, the same on every node. */
export function sumBytes(sum: SegmentSum): Uint8Array {
  const writer = new ByteWriter(SUM_WORDS * 4);
  for (const word of sum) writer.u32(word);
  return writer.bytes;
}

/** @param key of the row it is stored in */
export function encodeSum(sum: SegmentSum, key: Uint8Array): Uint8Array {
  return encodeSmallRow({ key, body: sumBytes(sum) });
}

/** The sum stored under `key`, or undefined if it is damaged. */
export function decodeSum({ key, value }: { key: Uint8Array; value: Uint8Array }): SegmentSum | undefined {
  const body = decodeSmallRow({ key, value });
  if (body?.byteLength !== SUM_WORDS * 4) return undefined;
  const reader = new ByteReader(body);
  return Uint32Array.from({ length: SUM_WORDS }, () => reader.u32());
}

function laneOf(digest: Uint8Array, lane: number): number {
  return asBuffer(digest).readUInt32BE(lane * LANE_BYTES);
}
