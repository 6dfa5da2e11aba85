/**
 * The context: what a client has seen of a key, as opaque bytes (DESIGN §4).
 *
 *   version u8 | checksum u32 | cluster id 8 | vector | writes known of
 *
 * The checksum covers all behind it, and binds it to bucket and key: against accident (a context used with
 * the wrong key would cover writes its client never saw), not against malice. A context this cluster issued
 * is never refused for its size (§13).
 */
import { ByteReader, ByteWriter } from '../../base/bytes.ts';
import { ShoalError } from '../../base/errors.ts';
import { checksum } from '../../base/hash.ts';
import type { ClusterId } from '../../base/ids.ts';
import type { KeyPlace } from '../ring/placement.ts';
import {
  overwrittenSize,
  readOverwritten,
  readVector,
  vectorSize,
  writeOverwritten,
  writeVector,
} from './codec.ts';
import type { Seen } from './record.ts';

const VERSION = 1;
const CHECKSUM_AT = 1;
const CLUSTER_AT = CHECKSUM_AT + 4;
const CLUSTER_BYTES = 8;
const PAYLOAD_AT = CLUSTER_AT + CLUSTER_BYTES;

/** Which key of which cluster a context is for. */
export interface ContextOf {
  readonly cluster: ClusterId;
  readonly place: KeyPlace;
}

export function encodeContext(seen: Seen, of: ContextOf): Uint8Array {
  const writer = new ByteWriter(PAYLOAD_AT + vectorSize(seen.vector) + overwrittenSize(seen.writes));
  writer.u8(VERSION).u32(0).text(of.cluster, 'hex');
  writeVector(writer, seen.vector);
  writeOverwritten(writer, seen.writes);
  writer.bytes.writeUInt32BE(checksumOf(writer.bytes, of), CHECKSUM_AT);
  return writer.bytes;
}

/** @throws ShoalError BAD_CONTEXT when the bytes are not a context for this key of this cluster */
export function decodeContext(bytes: Uint8Array, of: ContextOf): Seen {
  const reader = new ByteReader(bytes);
  if (reader.u8() !== VERSION) throw refusal('it is not a context of Shoal');
  const sum = reader.u32();
  if (reader.text(CLUSTER_BYTES, 'hex') !== of.cluster) throw refusal('it comes from another cluster');
  if (sum !== checksumOf(bytes, of)) throw refusal('it is damaged, or belongs to another bucket or key');
  const vector = readVector(reader);
  const writes = readOverwritten(reader);
  if (vector === undefined || writes === undefined || reader.bad || reader.remaining > 0) {
    throw refusal('its contents are malformed');
  }
  return { vector, writes };
}

function checksumOf(bytes: Uint8Array, { place }: ContextOf): number {
  return checksum(bytes.subarray(CLUSTER_AT), place.check);
}

function refusal(why: string): ShoalError {
  return new ShoalError('BAD_CONTEXT', `context refused: ${why}; read the key again and use the new one`);
}
