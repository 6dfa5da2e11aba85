/**
 * Values that name the write they came with, so that whatever a reply shows can be told apart: a text (kind
 * 1) that begins with its id in hex, and is filled up with nothing of interest.
 */
import { Buffer } from 'node:buffer';
import { asBuffer } from '../../src/base/bytes.ts';
import { printWriteId, type WriteId } from '../../src/base/ids.ts';
import type { ShownSibling } from '../../src/ports/requests.ts';

const TEXT = 1;
const ID_LENGTH = 32;

/** As stored: so many bytes, or as many as it takes. */
export function storedValueOf(id: WriteId, bytes: number): Uint8Array {
  const value = Buffer.alloc(Math.max(bytes, 1 + ID_LENGTH), '.');
  value[0] = TEXT;
  value.write(printWriteId(id), 1, 'latin1');
  return value;
}

/** The write that brought this value. */
export function writeOf(value: Uint8Array): WriteId {
  const hex = asBuffer(value).toString('latin1', 1, 1 + ID_LENGTH);
  return Buffer.from(hex, 'hex').toString('latin1') as WriteId;
}

export function writesIn(siblings: readonly ShownSibling[]): readonly WriteId[] {
  return siblings.map(({ value }) => writeOf(value));
}
