/**
 * Every key of a node's store, in one table. Numbers are big-endian, so that byte order is their order.
 *
 *   r | partition u16 | name                   a record's row (core/rows/row)
 *   i | partition u16 | segment u16 | name     beside every row, empty: what a segment holds is found by it
 *   d | partition u16 | segment u16 | name     a row as older stores held it; moved when one is opened
 *                                              (replica/former-rows)
 *   s | partition u16 | segment u16            that segment's sum (core/rows/segment-sums)
 *   h | length u8 | target | partition u16 | name   a hint: the target has not got this key yet
 *   n | name                                   a fact about this node
 *   k | incarnation 8                          the highest counter known of it
 *   t | slot u32                               a batch's number (replica/trail)
 *
 * `name` of a key is core/ring/placement's, both lengths inside, so that no two keys meet (TRAPS §5.2).
 * Reading never throws: a key that is not exactly what would be written is undefined, because LevelDB hands
 * out flipped bits (TRAPS §0.1).
 */
import { Buffer } from 'node:buffer';
import { ByteReader, ByteWriter, equalBytes } from '../base/bytes.ts';
import {
  INCARNATION_BYTES,
  type Incarnation,
  type NodeName,
  nodeName,
  type Partition,
  partition,
  segment,
} from '../base/ids.ts';
import { type KeyPlace, PARTITIONS, placeKey, readName, SEGMENTS } from '../core/ring/placement.ts';
import type { SegmentPlace } from '../core/ring/segments.ts';

/** Where a range begins and, exclusive, ends: a `Range` of the store without its limit. */
export interface Span {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

/** A node's hint: this key is owed to that node. */
export interface HintPlace {
  readonly target: NodeName;
  readonly place: KeyPlace;
}

type Kind = 'r' | 'i' | 'd' | 's' | 'h' | 'n' | 'k' | 't';

export function dataKey(place: KeyPlace): Buffer {
  const writer = begin('r', 2 + place.name.byteLength);
  return writer.u16(place.partition).raw(place.name).bytes;
}

/** The rows of all partitions. */
export function dataRange(): Span {
  return all('r');
}

/** The rows of one partition, in the order of their names: those of a bucket side by side. */
export function partitionRange(of: Partition): Span {
  return under(begin('r', 2).u16(of).bytes);
}

/**
 * The key whose row this is. Undefined also when the row stands where its name does not belong.
 * @param partitions Q of the cluster
 */
export function readDataKey(key: Uint8Array, partitions = PARTITIONS): KeyPlace | undefined {
  const reader = opened('r', key);
  reader?.raw(2);
  const place = reader && readPlace(reader, partitions);
  return place && equalBytes(dataKey(place), key) ? place : undefined;
}

export function indexKey(place: KeyPlace): Buffer {
  return bySegment('i', place);
}

/** The index of all segments, one after the other. */
export function indexRange(): Span {
  return all('i');
}

export function segmentRange({ partition, segment }: SegmentPlace): Span {
  return under(begin('i', 4).u16(partition).u16(segment).bytes);
}

/** As {@link readDataKey}, of a row of the index. */
export function readIndexKey(key: Uint8Array, partitions = PARTITIONS): KeyPlace | undefined {
  return readBySegment('i', { key, partitions });
}

/** The segment in whose index such a key lies, whether or not it is a key that would be written. */
export function segmentOfIndexKey(key: Uint8Array): SegmentPlace | undefined {
  const reader = opened('i', key);
  const found = reader && { partition: partition(reader.u16()), segment: segment(reader.u16()) };
  return reader?.bad === false && found!.segment < SEGMENTS ? found : undefined;
}

/** Where a row lay in older stores. */
export function formerKey(place: KeyPlace): Buffer {
  return bySegment('d', place);
}

export function formerRange(): Span {
  return all('d');
}

/** As {@link readDataKey}, of a row as older stores held it. */
export function readFormerKey(key: Uint8Array, partitions = PARTITIONS): KeyPlace | undefined {
  return readBySegment('d', { key, partitions });
}

export function sumKey({ partition, segment }: SegmentPlace): Buffer {
  return begin('s', 4).u16(partition).u16(segment).bytes;
}

export function sumRange(): Span {
  return all('s');
}

export function readSumKey(key: Uint8Array): SegmentPlace | undefined {
  const reader = opened('s', key);
  if (reader?.remaining !== 4) return undefined;
  const found = { partition: partition(reader.u16()), segment: segment(reader.u16()) };
  return found.segment < SEGMENTS ? found : undefined;
}

export function hintKey(target: NodeName, place: KeyPlace): Buffer {
  const name = Buffer.from(target);
  const writer = begin('h', 1 + name.byteLength + 2 + place.name.byteLength);
  return writer.u8(name.byteLength).raw(name).u16(place.partition).raw(place.name).bytes;
}

/** All hints, those for one target side by side. */
export function hintRange(): Span {
  return all('h');
}

/** The hints for one target, partition by partition. */
export function hintRangeOf(target: NodeName): Span {
  const name = Buffer.from(target);
  return under(
    begin('h', 1 + name.byteLength)
      .u8(name.byteLength)
      .raw(name).bytes,
  );
}

/** @param partitions Q of the cluster */
export function readHintKey(key: Uint8Array, partitions = PARTITIONS): HintPlace | undefined {
  const reader = opened('h', key);
  if (reader === undefined) return undefined;
  const target = nodeName(reader.text(reader.u8(), 'utf8'));
  reader.u16();
  const place = readPlace(reader, partitions);
  return place && equalBytes(hintKey(target, place), key) ? { target, place } : undefined;
}

/** A fact about this node: `store` is the store's id, `recovering` tells which partitions are. */
export function factKey(name: string): Buffer {
  return begin('n', Buffer.byteLength(name)).text(name, 'utf8').bytes;
}

export function knownKey(of: Incarnation): Buffer {
  return begin('k', INCARNATION_BYTES).text(of, 'latin1').bytes;
}

export function knownRange(): Span {
  return all('k');
}

export function readKnownKey(key: Uint8Array): Incarnation | undefined {
  const reader = opened('k', key);
  if (reader?.remaining !== INCARNATION_BYTES) return undefined;
  return reader.text(INCARNATION_BYTES, 'latin1') as Incarnation;
}

export function trailKey(slot: number): Buffer {
  return begin('t', 4).u32(slot).bytes;
}

export function trailRange(): Span {
  return all('t');
}

export function readTrailKey(key: Uint8Array): number | undefined {
  const reader = opened('t', key);
  return reader?.remaining === 4 ? reader.u32() : undefined;
}

/** The smallest key behind this one: where the next page of a scan begins. */
export function keyAfter(key: Uint8Array): Buffer {
  return new ByteWriter(key.byteLength + 1).raw(key).u8(0).bytes;
}

function begin(kind: Kind, size: number): ByteWriter {
  return new ByteWriter(1 + size).u8(kind.charCodeAt(0));
}

/** A reader behind the kind, if the key is of it. */
function opened(kind: Kind, key: Uint8Array): ByteReader | undefined {
  const reader = new ByteReader(key);
  return reader.text(1, 'latin1') === kind ? reader : undefined;
}

function bySegment(kind: 'i' | 'd', { partition, segment, name }: KeyPlace): Buffer {
  return begin(kind, 4 + name.byteLength)
    .u16(partition)
    .u16(segment)
    .raw(name).bytes;
}

function readBySegment(
  kind: 'i' | 'd',
  { key, partitions }: { key: Uint8Array; partitions: number },
): KeyPlace | undefined {
  const reader = opened(kind, key);
  reader?.raw(4);
  const place = reader && readPlace(reader, partitions);
  return place && equalBytes(bySegment(kind, place), key) ? place : undefined;
}

/** The place of the key whose name is all that is left to read. */
function readPlace(reader: ByteReader, partitions: number): KeyPlace | undefined {
  const names = readName(reader.raw(reader.remaining));
  return names && !reader.bad ? placeKey(names, partitions) : undefined;
}

function all(kind: Kind): Span {
  return under(begin(kind, 0).bytes);
}

/**
 * Every key that begins with `prefix`: up to the prefix counted on by one. Never all ones, since a kind is a
 * letter.
 */
function under(prefix: Buffer): Span {
  let end = prefix.byteLength;
  while (prefix[end - 1] === 0xff) end--;
  const to = Buffer.from(prefix.subarray(0, end));
  to.writeUInt8(to.readUInt8(end - 1) + 1, end - 1);
  return { from: prefix, to };
}
