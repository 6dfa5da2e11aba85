/**
 * A row: a sealed record and what lies *beside* it at this replica only (DESIGN §4, *Dots*): which actor we
 * are for this key, and whether we may be missing something. It goes when the row goes; that is the point of
 * it.
 *
 *   flags u8 | incarnation 8 | birth u53 | checksum u32 | sealed record
 */
import { ByteReader, ByteWriter } from '../../base/bytes.ts';
import { checksum } from '../../base/hash.ts';
import { INCARNATION_BYTES, type Incarnation } from '../../base/ids.ts';
import { digestIn, type SealedRecord, unseal } from '../record/codec.ts';
import type { KeyPlace } from '../ring/placement.ts';

export interface Row {
  readonly sealed: SealedRecord;
  /**
   * Who minted here, and since which counter without a break; none until this store first mints for the key.
   */
  readonly birth: Birth | undefined;
  /**
   * The row replaced one that was damaged: it counts in no strict read until merged with every other owner
   * (DESIGN §6).
   */
  readonly recovering: boolean;
}

/** What is asked of a row whose record is held elsewhere already. */
export interface Glimpse {
  readonly digest: Uint8Array;
  readonly recovering: boolean;
}

export interface Birth {
  readonly incarnation: Incarnation;
  readonly counter: number;
}

const HAS_BIRTH = 1;
const RECOVERING = 2;
const HEADER_BYTES = 1 + INCARNATION_BYTES + 8;
const SEALED_AT = HEADER_BYTES + 4;
const NO_INCARNATION = '\0'.repeat(INCARNATION_BYTES);

export function encodeRow(row: Row, place: KeyPlace): Uint8Array {
  const writer = new ByteWriter(SEALED_AT + row.sealed.bytes.byteLength);
  writer.u8((row.birth ? HAS_BIRTH : 0) | (row.recovering ? RECOVERING : 0));
  writer.text(row.birth?.incarnation ?? NO_INCARNATION, 'latin1').u53(row.birth?.counter ?? 0);
  writer.u32(checksum(writer.bytes.subarray(0, HEADER_BYTES), place.check));
  writer.raw(row.sealed.bytes);
  return writer.bytes;
}

/** The row in these bytes, or `damaged`: then what was here is lost here, never "not found" (I12). */
export function decodeRow(bytes: Uint8Array, place: KeyPlace): Row | 'damaged' {
  const header = readHeader(bytes, place);
  const sealed = header && unseal(bytes.subarray(SEALED_AT), place);
  if (header === undefined || sealed === undefined) return 'damaged';
  return { sealed, birth: header.birth, recovering: header.recovering };
}

/** The same of a row that need not be read: a fifth of the work, and half of all reads ask for no more. */
export function glimpseRow(bytes: Uint8Array, place: KeyPlace): Glimpse | 'damaged' {
  const header = readHeader(bytes, place);
  const digest = header && digestIn(bytes.subarray(SEALED_AT), place);
  if (header === undefined || digest === undefined) return 'damaged';
  return { digest, recovering: header.recovering };
}

/** Undefined unless its checksum holds. */
function readHeader(bytes: Uint8Array, place: KeyPlace): Pick<Row, 'birth' | 'recovering'> | undefined {
  const reader = new ByteReader(bytes);
  const flags = reader.u8();
  const incarnation = reader.text(INCARNATION_BYTES, 'latin1') as Incarnation;
  const counter = reader.u53();
  const sum = reader.u32();
  if (reader.bad || sum !== checksum(bytes.subarray(0, HEADER_BYTES), place.check)) return undefined;
  return {
    birth: (flags & HAS_BIRTH) === 0 ? undefined : { incarnation, counter },
    recovering: (flags & RECOVERING) !== 0,
  };
}
