/**
 * How many parts a frame has, before any of them is decoded. A part of two bytes becomes an object of a
 * hundred: 16 MiB of empty operations are eight million of them, which takes seconds of the event loop and a
 * gigabyte (I10).
 */

/** Twice what any stream may have under way, with as many cancels. */
const PARTS_MAX = 16_384;
const PART_BYTES_MIN = 2;
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;

/**
 * Whether a frame has few enough parts to be read. A large one with fields of a kind that no frame has is
 * refused, too: their reader takes them for parts all the same.
 */
export function hasFewParts(bytes: Uint8Array): boolean {
  if (bytes.byteLength <= PARTS_MAX * PART_BYTES_MIN) return true;
  let parts = 0;
  for (let at = 0; at < bytes.byteLength; parts += 1) {
    const end = endOfField(bytes, at);
    if (end === undefined || parts === PARTS_MAX) return false;
    at = end;
  }
  return true;
}

function endOfField(bytes: Uint8Array, start: number): number | undefined {
  const at = endOfVarint(bytes, start);
  const type = bytes[start]! & 7;
  if (type === VARINT) return endOfVarint(bytes, at);
  if (type === FIXED_64) return at + 8;
  return type === LENGTH_DELIMITED ? endOfVarint(bytes, at) + varint(bytes, at) : undefined;
}

function endOfVarint(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at]! >= 0x80) at += 1;
  return at + 1;
}

function varint(bytes: Uint8Array, start: number): number {
  let value = 0;
  for (let at = start, factor = 1; at < bytes.byteLength; at += 1, factor *= 128) {
    value += (bytes[at]! & 0x7f) * factor;
    if (bytes[at]! < 0x80) break;
  }
  return value;
}
