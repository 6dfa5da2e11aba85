/**
 * The context: what a client has seen of a key, as opaque bytes (DESIGN §4).
 *
 *   version u8 | cluster id 8 | check 8 | vector | writes known of
 *
 * The check binds it to cluster, bucket and key: against accident (a context used with the wrong key would cover writes its
 * client never saw), not against malice. A context this cluster issued is never refused for its size (§13).
 */
import { ByteReader, ByteWriter, equalBytes } from '../../base/bytes.ts';
import { ShoalError } from '../../base/errors.ts';
import { digest } from '../../base/hash.ts';
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
const CLUSTER_BYTES = 8;
const CHECK_BYTES = 8;
const CHECK_AT = 1 + CLUSTER_BYTES;
const PAYLOAD_AT = CHECK_AT + CHECK_BYTES;
const NO_CHECK_YET = new Uint8Array(CHECK_BYTES);

/** Which key of which cluster a context is for. */
export interface ContextOf {
  readonly cluster: ClusterId;
  readonly place: KeyPlace;
}

export function encodeContext(seen: Seen, of: ContextOf): Uint8Array {
  const writer = new ByteWriter(PAYLOAD_AT + vectorSize(seen.vector) + overwrittenSize(seen.writes));
  writer.u8(VERSION).text(of.cluster, 'hex').raw(NO_CHECK_YET);
  writeVector(writer, seen.vector);
  writeOverwritten(writer, seen.writes);
  writer.bytes.set(check(writer.bytes, of), CHECK_AT);
  return writer.bytes;
}

/** @throws ShoalError BAD_CONTEXT when the bytes are not a context for this key of this cluster */
export function decodeContext(bytes: Uint8Array, of: ContextOf): Seen {
  const reader = new ByteReader(bytes);
  if (reader.u8() !== VERSION) throw refusal('it is not a context of Shoal');
  if (reader.text(CLUSTER_BYTES, 'hex') !== of.cluster) throw refusal('it comes from another cluster');
  if (!equalBytes(reader.raw(CHECK_BYTES), check(bytes, of))) {
    throw refusal('it is damaged, or belongs to another bucket or key');
  }
  const vector = readVector(reader);
  const writes = readOverwritten(reader);
  if (vector === undefined || writes === undefined || reader.bad || reader.remaining > 0) {
    throw refusal('its contents are malformed');
  }
  return { vector, writes };
}

function check(bytes: Uint8Array, { cluster, place }: ContextOf): Uint8Array {
  const payload = bytes.subarray(PAYLOAD_AT);
  const checked = new ByteWriter(place.hash.byteLength + CLUSTER_BYTES + payload.byteLength);
  checked.raw(place.hash).text(cluster, 'hex').raw(payload);
  return digest(checked.bytes).subarray(0, CHECK_BYTES);
}

function refusal(why: string): ShoalError {
  return new ShoalError('BAD_CONTEXT', `context refused: ${why}; read the key again and use the new one`);
}
