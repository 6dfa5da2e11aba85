/**
 * Comparisons of keys, and the records behind them (src/ports/comparisons.ts), as messages; for the rules see
 * replica-messages.ts. A key that is told of in another segment than its name belongs to is no answer: it
 * would be fetched, found sound, and be missing there again at the next look.
 */
import { Buffer } from 'node:buffer';
import { asBuffer, EMPTY } from '../base/bytes.ts';
import { DIGEST_BYTES } from '../base/hash.ts';
import { partition, segment } from '../base/ids.ts';
import { unseal } from '../core/record/codec.ts';
import { type KeyPlace, SEGMENTS } from '../core/ring/placement.ts';
import { numberOf } from '../core/ring/segments.ts';
import type {
  CompareKeysRequest__Output,
  CompareKeysRequest as KeysMessage,
} from '../gen/shoal/peer/v1/CompareKeysRequest.ts';
import type {
  CompareKeysResponse,
  CompareKeysResponse__Output,
} from '../gen/shoal/peer/v1/CompareKeysResponse.ts';
import type {
  FetchRequest as FetchMessage,
  FetchRequest__Output,
} from '../gen/shoal/peer/v1/FetchRequest.ts';
import type { FetchResponse, FetchResponse__Output } from '../gen/shoal/peer/v1/FetchResponse.ts';
import type { ListedKey__Output } from '../gen/shoal/peer/v1/ListedKey.ts';
import type { SegmentDifference__Output } from '../gen/shoal/peer/v1/SegmentDifference.ts';
import type { SegmentDigests__Output } from '../gen/shoal/peer/v1/SegmentDigests.ts';
import {
  DIGESTS_MAX,
  LISTED_MAX,
  type Listed,
  RECORDS_BYTES_MAX,
  RECORDS_MAX,
  SEGMENTS_MAX,
  type SegmentDifference,
  type SegmentDigests,
} from '../ports/comparisons.ts';
import type { Located } from '../ports/replica.ts';
import { isPartition } from './comparison-messages.ts';
import { cut, isAscending, isBetween, isOnce, readEach } from './foreign.ts';
import { readPlace } from './replica-messages.ts';

export function keysRequestMessage(mine: readonly SegmentDigests[], stamp: Uint8Array): KeysMessage {
  const segments = mine.map(({ digests, ...place }) => ({ ...place, digests: Buffer.concat(digests) }));
  return { stamp, segments };
}

export function readKeysRequest({
  segments,
}: CompareKeysRequest__Output): readonly SegmentDigests[] | undefined {
  const read = readEach(segments, { max: SEGMENTS_MAX, read: readSegment });
  if (read === undefined || count(read, ({ digests }) => digests) > DIGESTS_MAX) return undefined;
  return isOnce(read.map(numberOf)) ? read : undefined;
}

export function keysReplyMessage(differences: readonly SegmentDifference[]): CompareKeysResponse {
  const segments = differences.map(({ others, lacking }) => ({
    others: others.map(({ place: { bucket, key }, digest }) => ({ bucket, key, digest: asBuffer(digest) })),
    lacking: [...lacking],
  }));
  return { segments };
}

/** Of one segment at least, if any was asked for. */
export function readKeysReply(
  { segments }: CompareKeysResponse__Output,
  asked: readonly SegmentDigests[],
): readonly SegmentDifference[] | undefined {
  if (!isSome(segments, asked)) return undefined;
  const questions = asked.values();
  const read = readEach(segments, {
    max: asked.length,
    read: message => readDifference(message, questions.next().value!),
  });
  return read && count(read, ({ others }) => others) <= LISTED_MAX ? read : undefined;
}

export function fetchRequestMessage(places: readonly KeyPlace[], stamp: Uint8Array): FetchMessage {
  return { stamp, keys: places.map(({ bucket, key }) => ({ bucket, key })) };
}

export function readFetchRequest({ keys }: FetchRequest__Output): readonly KeyPlace[] | undefined {
  return readEach(keys, { max: RECORDS_MAX, read: readPlace });
}

export function fetchReplyMessage(found: readonly (Located | undefined)[]): FetchResponse {
  return { records: found.map(located => asBuffer(located?.record.bytes ?? EMPTY)) };
}

/** Of one key at least, if any was asked for. A record that was damaged on the way spoils the answer. */
export function readFetchReply(
  { records }: FetchResponse__Output,
  asked: readonly KeyPlace[],
): readonly (Located | undefined)[] | undefined {
  if (!isSome(records, asked) || !isOneAnswer(records)) return undefined;
  const read = records.map((bytes, i) => readFetched(bytes, asked[i]!));
  return read.every(found => found !== 'bad') ? read : undefined;
}

function readSegment(message: SegmentDigests__Output): SegmentDigests | undefined {
  const { partition: index, segment: part, digests } = message;
  if (!isPartition(index) || !isBetween(part, { min: 0, max: SEGMENTS - 1 })) return undefined;
  const each = cut(digests, { into: digests.byteLength / DIGEST_BYTES, of: DIGEST_BYTES });
  return each && { partition: partition(index), segment: segment(part), digests: each };
}

function readDifference(
  { others, lacking }: SegmentDifference__Output,
  asked: SegmentDigests,
): SegmentDifference | undefined {
  const read = readEach(others, { max: LISTED_MAX, read: message => readListed(message, asked) });
  return read && isAscending(lacking, asked.digests.length) ? { others: read, lacking } : undefined;
}

function readListed(message: ListedKey__Output, asked: SegmentDigests): Listed | undefined {
  const place = readPlace(message);
  if (place?.partition !== asked.partition || place.segment !== asked.segment) return undefined;
  return message.digest.byteLength === DIGEST_BYTES ? { place, digest: message.digest } : undefined;
}

function readFetched(bytes: Uint8Array, place: KeyPlace): Located | 'bad' | undefined {
  if (bytes.byteLength === 0) return undefined;
  const record = unseal(bytes, place);
  return record === undefined ? 'bad' : { place, record };
}

function isSome(answers: readonly unknown[], asked: readonly unknown[]): boolean {
  return answers.length <= asked.length && (answers.length > 0 || asked.length === 0);
}

function isOneAnswer(records: readonly Uint8Array[]): boolean {
  return (
    records.length <= 1 || records.reduce((sum, { byteLength }) => sum + byteLength, 0) <= RECORDS_BYTES_MAX
  );
}

function count<T>(items: readonly T[], listOf: (item: T) => readonly unknown[]): number {
  return items.reduce((sum, item) => sum + listOf(item).length, 0);
}
