/**
 * The little rows beside the records (sums, counters, the trail, marks): `checksum u32 | body`. The checksum
 * covers the key too, because LevelDB returns wrong keys as silently as wrong values (TRAPS §0.1). What a
 * damaged one means is decided by whoever keeps it; that it is damaged is never overlooked (I12).
 */
import { ByteReader, ByteWriter } from '../../base/bytes.ts';
import { checksum } from '../../base/hash.ts';

const CHECKSUM_BYTES = 4;

/** The value to store under `key`. */
export function encodeSmallRow({ key, body }: { key: Uint8Array; body: Uint8Array }): Uint8Array {
  return new ByteWriter(CHECKSUM_BYTES + body.byteLength).u32(checksum(body, checksum(key))).raw(body).bytes;
}

/** The body stored under `key`, or undefined if these bytes are not what was written there. */
export function decodeSmallRow({
  key,
  value,
}: {
  key: Uint8Array;
  value: Uint8Array;
}): Uint8Array | undefined {
  const body = value.subarray(CHECKSUM_BYTES);
  const reader = new ByteReader(value);
  const sum = reader.u32();
  return !reader.bad && sum === checksum(body, checksum(key)) ? body : undefined;
}
