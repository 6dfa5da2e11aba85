/** Values that name the write they came with, so that whatever a reply shows can be told apart: a text (kind 1) that is its id. */
import { Buffer } from 'node:buffer';
import type { WriteId } from '../../src/base/ids.ts';
import type { ShownSibling } from '../../src/ports/requests.ts';

const TEXT = 1;
const ID_LENGTH = 32;

/** As stored. */
export function storedValueOf(id: WriteId): Uint8Array {
  return Buffer.concat([Uint8Array.of(TEXT), Buffer.from(id)]);
}

/** The write that brought this value. */
export function writeOf(value: Uint8Array): WriteId {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString(
    'latin1',
    1,
    1 + ID_LENGTH,
  ) as WriteId;
}

export function writesIn(siblings: readonly ShownSibling[]): readonly WriteId[] {
  return siblings.map(({ value }) => writeOf(value));
}
