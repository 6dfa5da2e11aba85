/**
 * Where a key lives in the hash space: hash(bucket, key) → partition (high bits) → segment (next bits).
 * Dynamo §6.2, strategy 3. Which nodes own a partition is the ring's business.
 */
import { Buffer } from 'node:buffer';
import { newBytes } from '../../base/bytes.ts';
import { checksum, digest } from '../../base/hash.ts';
import { type Partition, partition, type Segment, segment } from '../../base/ids.ts';

/** Q by default: a power of two, fixed at the birth of a cluster. */
export const PARTITIONS = 256;
/** S: the leaves of a partition's Merkle tree. */
export const SEGMENTS = 1024;
const SEGMENT_BITS = 10;

/** A key with all that is computed from its name, once a request. */
export interface KeyPlace {
  readonly bucket: string;
  readonly key: string;
  /**
   * Both names with their lengths before them: bucket `a` + key `b/c` and bucket `a/b` + key `c` never meet.
   */
  readonly name: Buffer;
  /** 16 bytes. */
  readonly hash: Buffer;
  /** Of the name: what the checksums of this key's rows begin with. */
  readonly check: number;
  readonly partition: Partition;
  readonly segment: Segment;
}

/** @param partitions Q of the cluster, a power of two up to 2^16 */
export function placeKey(
  { bucket, key }: { bucket: string; key: string },
  partitions = PARTITIONS,
): KeyPlace {
  const name = nameBytes(bucket, key);
  const hash = digest(name);
  const partitionBits = 31 - Math.clz32(partitions);
  const high = hash.readUInt32BE(0);
  return {
    bucket,
    key,
    name,
    hash,
    check: checksum(name),
    partition: partition(partitionBits === 0 ? 0 : high >>> (32 - partitionBits)),
    segment: segment((high >>> (32 - partitionBits - SEGMENT_BITS)) & (SEGMENTS - 1)),
  };
}

function nameBytes(bucket: string, key: string): Buffer {
  const bucketBytes = Buffer.byteLength(bucket);
  const keyBytes = Buffer.byteLength(key);
  const bytes = newBytes(3 + bucketBytes + keyBytes);
  bytes.writeUInt8(bucketBytes, 0);
  bytes.write(bucket, 1);
  bytes.writeUInt16BE(keyBytes, 1 + bucketBytes);
  bytes.write(key, 3 + bucketBytes);
  return bytes;
}

/** The names in such bytes, or undefined if they are not of this form. */
export function readName(bytes: Uint8Array): { bucket: string; key: string } | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 3) return undefined;
  const keyAt = 3 + buffer.readUInt8(0);
  if (buffer.length < keyAt) return undefined;
  const end = keyAt + buffer.readUInt16BE(keyAt - 2);
  if (buffer.length !== end) return undefined;
  return { bucket: buffer.toString('utf8', 1, keyAt - 2), key: buffer.toString('utf8', keyAt, end) };
}
