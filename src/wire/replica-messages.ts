/**
 * Read and Apply between coordinators and replicas (src/ports/replica.ts), as messages: `…Message` makes one,
 * `read…` takes one apart and answers undefined when it is not what a sound peer would send. Records travel
 * as they are stored, checksum and all, and each is unsealed on arrival: bytes damaged on the way are a
 * failed call, never a stored row (I12).
 */
import { asBuffer, ByteReader, ByteWriter, EMPTY } from '../base/bytes.ts';
import { ShoalError } from '../base/errors.ts';
import { DIGEST_BYTES } from '../base/hash.ts';
import { nodeName } from '../base/ids.ts';
import { checkNames } from '../core/limits.ts';
import { NO_DIGEST, readVector, sameDigest, unseal, vectorSize, writeVector } from '../core/record/codec.ts';
import { NOTHING_SEEN, type VersionVector } from '../core/record/version-vector.ts';
import { type KeyPlace, placeKey } from '../core/ring/placement.ts';
import type {
  ApplyRequest as ApplyMessage,
  ApplyRequest__Output,
} from '../gen/shoal/peer/v1/ApplyRequest.ts';
import type { ApplyResponse, ApplyResponse__Output } from '../gen/shoal/peer/v1/ApplyResponse.ts';
import type { ReadRequest as ReadMessage, ReadRequest__Output } from '../gen/shoal/peer/v1/ReadRequest.ts';
import type { ReadResponse, ReadResponse__Output } from '../gen/shoal/peer/v1/ReadResponse.ts';
import type { ApplyReply, ApplyRequest, ReadReply, ReadRequest } from '../ports/replica.ts';
import { isNodeName } from './stamp.ts';

/** @param stamp encoded, as for all messages between nodes */
export function readRequestMessage({ place, digestOnly }: ReadRequest, stamp: Uint8Array): ReadMessage {
  return { stamp, bucket: place.bucket, key: place.key, digestOnly };
}

export function readReadRequest(message: ReadRequest__Output): ReadRequest | undefined {
  const place = readPlace(message);
  return place && { place, digestOnly: message.digestOnly };
}

export function readReplyMessage({ digest, record, recovering }: ReadReply): ReadResponse {
  return {
    digest: sameDigest(digest, NO_DIGEST) ? asBuffer(EMPTY) : asBuffer(digest),
    record: asBuffer(record?.bytes ?? EMPTY),
    recovering,
  };
}

/**
 * @param request what was asked: the reply must be about that key, and hold the record unless only its digest
 * was asked for
 */
export function readReadReply(message: ReadResponse__Output, request: ReadRequest): ReadReply | undefined {
  const digest = message.digest.byteLength === 0 ? NO_DIGEST : message.digest;
  if (digest.byteLength !== DIGEST_BYTES) return undefined;
  const absent = message.record.byteLength === 0;
  const record = absent ? undefined : unseal(message.record, request.place);
  const due = !request.digestOnly && !sameDigest(digest, NO_DIGEST);
  if (due !== (record !== undefined) || (record && !sameDigest(record.digest, digest))) return undefined;
  return { digest, record, recovering: message.recovering };
}

export function applyRequestMessage(
  { place, record, standsInFor }: ApplyRequest,
  stamp: Uint8Array,
): ApplyMessage {
  const { bucket, key } = place;
  return {
    stamp,
    bucket,
    key,
    record: asBuffer(record.bytes),
    standsInFor: standsInFor ?? '',
  };
}

export function readApplyRequest(message: ApplyRequest__Output): ApplyRequest | undefined {
  const { standsInFor } = message;
  if (standsInFor !== '' && !isNodeName(standsInFor)) return undefined;
  const place = readPlace(message);
  const record = place && unseal(message.record, place);
  if (place === undefined || record === undefined) return undefined;
  return { place, record, standsInFor: standsInFor === '' ? undefined : nodeName(standsInFor) };
}

export function applyReplyMessage({ digest, vector, recovering }: ApplyReply): ApplyResponse {
  return { digest: asBuffer(digest), vector: vectorBytes(vector), recovering };
}

export function readApplyReply(message: ApplyResponse__Output): ApplyReply | undefined {
  const { digest, recovering } = message;
  const vector = vectorIn(message.vector);
  if (digest.byteLength !== DIGEST_BYTES || vector === undefined) return undefined;
  return { digest, vector, recovering };
}

/** None for the empty one: nearly every reply's. */
function vectorBytes(vector: VersionVector): Buffer {
  if (vector.length === 0) return asBuffer(EMPTY);
  const writer = new ByteWriter(vectorSize(vector));
  writeVector(writer, vector);
  return writer.bytes;
}

function vectorIn(bytes: Uint8Array): VersionVector | undefined {
  if (bytes.byteLength === 0) return NOTHING_SEEN;
  const reader = new ByteReader(bytes);
  const vector = readVector(reader);
  return reader.bad || reader.remaining > 0 ? undefined : vector;
}

/** Where these names belong, unless no client could have written them. */
export function readPlace({
  bucket,
  key,
}: {
  readonly bucket: string;
  readonly key: string;
}): KeyPlace | undefined {
  try {
    checkNames({ bucket, key });
    return placeKey({ bucket, key });
  } catch (error) {
    if (error instanceof ShoalError) return undefined;
    throw error;
  }
}
