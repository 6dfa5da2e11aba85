/**
 * The canonical bytes of a record: stored and sent as they are (DESIGN §4).
 *
 *   version u8 | checksum u32 | digest 16 | payload
 *   payload: vector, siblings, overwritten, each a u32 count and that many entries, all sorted
 *
 * Equal records have equal bytes and so an equal digest (I6). The checksum covers bucket, key and all that
 * comes after it, and a version is this one or refused: LevelDB returns wrong bytes silently (TRAPS §0.1),
 * and a row of another key is as wrong as a flipped bit (I12). The digest binds bucket and key too, so that
 * two keys that swap their values do not cancel out in a sum. Reading never throws on foreign bytes: what is
 * not exactly a record of this key is `undefined`.
 */
import { ByteReader, ByteWriter, equalBytes } from '../../base/bytes.ts';
import { checksum, DIGEST_BYTES, digest } from '../../base/hash.ts';
import { ACTOR_BYTES, type Actor, WRITE_ID_BYTES, type WriteId } from '../../base/ids.ts';
import type { KeyPlace } from '../ring/placement.ts';
import {
  merge,
  newestFirst,
  OVERWRITTEN_MAX,
  type Overwritten,
  type Record,
  type Sibling,
} from './record.ts';
import { compareDots, type Dot, descends, type VersionVector } from './version-vector.ts';

/** A record with its bytes; made by {@link seal} and {@link unseal} only, so that the two always agree. */
export interface SealedRecord {
  readonly record: Record;
  readonly bytes: Uint8Array;
  /** 16 bytes, a view into `bytes`. */
  readonly digest: Uint8Array;
}

const VERSION = 1;
const CHECKSUM_AT = 1;
const DIGEST_AT = 5;
const PAYLOAD_AT = DIGEST_AT + DIGEST_BYTES;
const DOT_BYTES = ACTOR_BYTES + 8;
const OVERWRITTEN_BYTES = 8 + WRITE_ID_BYTES + 1;
const SIBLING_BYTES = DOT_BYTES + 8 + WRITE_ID_BYTES + 4;
const COUNTS_BYTES = 3 * 4;

/** The digest of a key that has no row: no record has it. */
export const NO_DIGEST: Uint8Array = new Uint8Array(DIGEST_BYTES);

/** The size of the record's bytes, without making them. */
export function sealedSize(record: Record): number {
  const values = record.siblings.reduce((sum, sibling) => sum + SIBLING_BYTES + sibling.value.byteLength, 0);
  const lists = record.vector.length * DOT_BYTES + record.overwritten.length * OVERWRITTEN_BYTES;
  return PAYLOAD_AT + COUNTS_BYTES + values + lists;
}

export function seal(record: Record, place: KeyPlace): SealedRecord {
  const writer = new ByteWriter(sealedSize(record)).u8(VERSION).u32(0);
  // The digest's place holds the key's hash while the digest is taken: one contiguous run, no copy.
  writer.raw(place.hash);
  writeVector(writer, record.vector);
  writer.u32(record.siblings.length);
  for (const sibling of record.siblings) writeSibling(writer, sibling);
  writeOverwritten(writer, record.overwritten);
  const { bytes } = writer;
  bytes.set(digest(bytes.subarray(DIGEST_AT)), DIGEST_AT);
  bytes.writeUInt32BE(checksumOf(bytes, place), CHECKSUM_AT);
  return { record, bytes, digest: bytes.subarray(DIGEST_AT, PAYLOAD_AT) };
}

/**
 * The digest of the record in these bytes, which are as they were sealed: what is in them is not looked at.
 */
export function digestIn(bytes: Uint8Array, place: KeyPlace): Uint8Array | undefined {
  if (bytes.byteLength < PAYLOAD_AT + COUNTS_BYTES || bytes[0] !== VERSION) return undefined;
  const reader = new ByteReader(bytes);
  reader.u8();
  if (reader.u32() !== checksumOf(bytes, place)) return undefined;
  return reader.raw(DIGEST_BYTES);
}

/** The record in these bytes, or undefined if they are not, bit for bit, a record of this key. */
export function unseal(bytes: Uint8Array, place: KeyPlace): SealedRecord | undefined {
  const digestBytes = digestIn(bytes, place);
  if (digestBytes === undefined) return undefined;
  const reader = new ByteReader(bytes.subarray(PAYLOAD_AT));
  const vector = readVector(reader);
  const siblings = readList(reader, SIBLING_BYTES, () => readSibling(reader));
  const overwritten = readOverwritten(reader);
  if (vector === undefined || siblings === undefined || overwritten === undefined) return undefined;
  if (reader.bad || reader.remaining > 0) return undefined;
  if (!ascending(siblings, (a, b) => compareDots(a.dot, b.dot))) return undefined;
  if (overwritten.length > OVERWRITTEN_MAX || !ascending(overwritten, newestFirst)) return undefined;
  const dots = siblings.map(sibling => sibling.dot);
  if (!descends(vector, dots)) return undefined;
  return { record: { vector, siblings, overwritten }, bytes, digest: digestBytes };
}

/** Whether two replicas hold the same; nothing and nothing are the same. */
export function sameDigest(a: Uint8Array, b: Uint8Array): boolean {
  return equalBytes(a, b);
}

/**
 * The join of two records of one key with its bytes: one of the two themselves when it already contains the
 * other, so that "nothing changed" is `===` and bytes that exist are not made again.
 */
export function mergeSealed(a: SealedRecord, b: SealedRecord, place: KeyPlace): SealedRecord {
  if (equalBytes(a.bytes, b.bytes)) return a;
  // Asked first, because it is nearly always so: what comes in is what was here and one write more.
  const merged = merge(b.record, a.record);
  if (merged === b.record) return b;
  return merge(a.record, b.record) === a.record ? a : seal(merged, place);
}

function checksumOf(bytes: Uint8Array, place: KeyPlace): number {
  return checksum(bytes.subarray(DIGEST_AT), place.check);
}

export function vectorSize(vector: VersionVector): number {
  return 4 + vector.length * DOT_BYTES;
}

export function writeVector(writer: ByteWriter, vector: VersionVector): void {
  writer.u32(vector.length);
  for (const dot of vector) writeDot(writer, dot);
}

/** Undefined unless sorted, each actor once, each counter in 1 … 2^53−1. */
export function readVector(reader: ByteReader): VersionVector | undefined {
  const vector = readList(reader, DOT_BYTES, () => readDot(reader));
  const canonical =
    vector?.every(dot => dot.counter > 0) &&
    ascending(vector, (a, b) => (a.actor < b.actor ? -1 : a.actor === b.actor ? 0 : 1));
  return canonical ? vector : undefined;
}

export function overwrittenSize(list: readonly Overwritten[]): number {
  return 4 + list.length * OVERWRITTEN_BYTES;
}

export function writeOverwritten(writer: ByteWriter, list: readonly Overwritten[]): void {
  writer.u32(list.length);
  for (const { writtenAt, writeId, hides } of list) {
    writer
      .u53(writtenAt)
      .text(writeId, 'latin1')
      .u8(hides ? 1 : 0);
  }
}

/** Undefined when a mark is neither yes nor no: it would be a second encoding of one record. */
export function readOverwritten(reader: ByteReader): readonly Overwritten[] | undefined {
  const list = readList(reader, OVERWRITTEN_BYTES, () => ({
    writtenAt: reader.u53(),
    writeId: readWriteId(reader),
    hides: reader.u8(),
  }));
  if (list?.some(({ hides }) => hides > 1)) return undefined;
  return list?.map(({ writtenAt, writeId, hides }) => ({ writtenAt, writeId, hides: hides === 1 }));
}

function writeSibling(writer: ByteWriter, { dot, writtenAt, writeId, value }: Sibling): void {
  writeDot(writer, dot);
  writer.u53(writtenAt).text(writeId, 'latin1').u32(value.byteLength).raw(value);
}

function readSibling(reader: ByteReader): Sibling {
  const dot = readDot(reader);
  const writtenAt = reader.u53();
  const writeId = readWriteId(reader);
  return { dot, writtenAt, writeId, value: reader.raw(reader.u32()) };
}

function writeDot(writer: ByteWriter, dot: Dot): void {
  writer.text(dot.actor, 'latin1').u53(dot.counter);
}

function readDot(reader: ByteReader): Dot {
  return { actor: reader.text(ACTOR_BYTES, 'latin1') as Actor, counter: reader.u53() };
}

function readWriteId(reader: ByteReader): WriteId {
  return reader.text(WRITE_ID_BYTES, 'latin1') as WriteId;
}

/**
 * A counted list; a count that the rest of the bytes cannot hold is refused before anything is allocated for
 * it.
 */
function readList<T>(reader: ByteReader, entryBytesMin: number, read: () => T): readonly T[] | undefined {
  const count = reader.u32();
  if (reader.bad || count * entryBytesMin > reader.remaining) return undefined;
  const list: T[] = [];
  for (let i = 0; i < count; i++) list.push(read());
  return list;
}

function ascending<T>(list: readonly T[], compare: (a: T, b: T) => number): boolean {
  return list.every((item, i) => i === 0 || compare(list[i - 1]!, item) < 0);
}
