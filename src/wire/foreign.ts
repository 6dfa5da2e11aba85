/**
 * Judging what a peer's message holds. Another node may be of another version, wrong or hostile: refuse,
 * never mend, never throw.
 */
import { Buffer } from 'node:buffer';

/** An integer in this range; NaN and what lies beyond 2^53 are in none. */
export function isBetween(
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}

/** Each greater than the one before, and all below `end`. */
export function isAscending(values: readonly number[], end: number): boolean {
  return values.every((value, i) =>
    isBetween(value, { min: i === 0 ? 0 : values[i - 1]! + 1, max: end - 1 }),
  );
}

export function isOnce(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}

/** So many parts of so many bytes each: views. Undefined when it is not as long as they are together. */
export function cut(
  bytes: Uint8Array,
  { into, of }: { readonly into: number; readonly of: number },
): readonly Uint8Array[] | undefined {
  if (!Number.isInteger(into) || bytes.byteLength !== into * of) return undefined;
  return Array.from({ length: into }, (_, i) => bytes.subarray(i * of, (i + 1) * of));
}

/** Text of at most this many bytes that decoding did not mend (U+FFFD stands where a byte was no UTF-8). */
export function isText(value: string, bytesMax: number): boolean {
  if (value.length > bytesMax) return false;
  return isAscii(value) || isWhole(value, bytesMax);
}

function isWhole(value: string, bytesMax: number): boolean {
  return Buffer.byteLength(value) <= bytesMax && !value.includes('\uFFFD') && value.isWellFormed();
}

/** Nearly every name is, and each greeting brings a dozen of them. */
function isAscii(value: string): boolean {
  for (let i = 0; i < value.length; i += 1) if (value.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Lower-case hex digits, exactly this many. */
export function isHex(value: string, digits: number): boolean {
  return value.length === digits && /^[0-9a-f]*$/.test(value);
}

/** Each item read, or undefined as soon as one is bad or there are too many. */
export function readEach<M, T>(
  messages: readonly M[],
  { max, read }: { readonly max: number; readonly read: (message: M) => T | undefined },
): readonly T[] | undefined {
  if (messages.length > max) return undefined;
  const items: T[] = [];
  for (const message of messages) {
    const item = read(message);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

/** A part that may be left out: `ok` false when it is there and bad. */
export function readOptional<M, T>(
  message: M | null | undefined,
  read: (message: M) => T | undefined,
): { readonly ok: boolean; readonly value: T | undefined } {
  if (message === null || message === undefined) return { ok: true, value: undefined };
  const value = read(message);
  return { ok: value !== undefined, value };
}
