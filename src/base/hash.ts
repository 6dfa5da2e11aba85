/** The two hashes of Shoal, each in one place: what is placed and compared, and what is checked. */
import type { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export const DIGEST_BYTES = 16;

/**
 * The first 16 bytes of SHA-256. Cryptographic, because clients choose keys and values: with a weaker hash two
 * records with one digest could be made on purpose, and anti-entropy would hold them for equal for ever.
 */
export function digest(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer').subarray(0, DIGEST_BYTES);
}

/** CRC-32 of parts one after the other: against accident (bit rot, torn writes), not against malice. */
export function checksum(...parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => crc32(part, sum), 0);
}
