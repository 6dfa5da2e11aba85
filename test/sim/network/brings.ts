/** Which writes a message brings, for the log: a failure is often a wrong one. */

import { writeId } from '../../../src/base/ids.ts';
import { unseal } from '../../../src/core/record/codec.ts';
import { placeKey } from '../../../src/core/ring/placement.ts';
import { recordSaid, shortId } from '../history.ts';

interface MaybeWriting {
  readonly bucket?: string;
  readonly key?: string;
  /** Of a put. */
  readonly writeId?: Uint8Array;
  /** Of an apply. */
  readonly record?: Uint8Array;
  readonly put?: MaybeWriting | null;
  /** Of a hand-off. */
  readonly records?: readonly MaybeWriting[];
}

/** Undefined for a message that brings none. */
export function brings(message: unknown): string | undefined {
  const { bucket, key, writeId: id, record, put, records } = message as MaybeWriting;
  if (put) return brings(put);
  if (records !== undefined) return records.map(one => `${one.key}: ${brings(one)}`).join('; ');
  if (id !== undefined && id.byteLength === 16) return shortId(writeId(id));
  if (record === undefined || bucket === undefined || key === undefined) return undefined;
  const sealed = unseal(record, placeKey({ bucket, key }));
  return sealed === undefined ? 'a damaged record' : recordSaid(sealed.record);
}
