/** Scan between replicas, as messages; for the rules see replica-messages.ts. */
import { asBuffer } from '../base/bytes.ts';
import { partition } from '../base/ids.ts';
import { unseal } from '../core/record/codec.ts';
import { PARTITIONS } from '../core/ring/placement.ts';
import type { LocatedRecord, LocatedRecord__Output } from '../gen/shoal/peer/v1/LocatedRecord.ts';
import type { ScanRequest as ScanMessage, ScanRequest__Output } from '../gen/shoal/peer/v1/ScanRequest.ts';
import type { ScanResponse, ScanResponse__Output } from '../gen/shoal/peer/v1/ScanResponse.ts';
import type { Located, ScanReply, ScanRequest } from '../ports/replica.ts';
import { isBetween, readEach } from './foreign.ts';
import { readPlace } from './replica-messages.ts';

/** A page is cut by bytes, and the smallest record has some 60: far more than any page holds. */
const PAGE_RECORDS_MAX = 100_000;
/** A place in storage order is a key of the store. */
const CURSOR_BYTES_MAX = 4096;

export function scanRequestMessage({ partition, after }: ScanRequest, stamp: Uint8Array): ScanMessage {
  return { stamp, partition, after: asBuffer(after) };
}

export function readScanRequest(message: ScanRequest__Output): ScanRequest | undefined {
  if (!isBetween(message.partition, { min: 0, max: PARTITIONS - 1 })) return undefined;
  if (message.after.byteLength > CURSOR_BYTES_MAX) return undefined;
  return { partition: partition(message.partition), after: message.after };
}

export function scanReplyMessage({ records, next }: ScanReply): ScanResponse {
  return { records: records.map(locatedMessage), next: asBuffer(next) };
}

/** @param request what was asked: a record of another partition makes the page a bad one */
export function readScanReply(message: ScanResponse__Output, request: ScanRequest): ScanReply | undefined {
  const records = readEach(message.records, { max: PAGE_RECORDS_MAX, read: readLocated });
  if (records === undefined || message.next.byteLength > CURSOR_BYTES_MAX) return undefined;
  if (records.some(({ place }) => place.partition !== request.partition)) return undefined;
  return { records, next: message.next };
}

export function locatedMessage({ place: { bucket, key }, record }: Located): LocatedRecord {
  return { bucket, key, record: asBuffer(record.bytes) };
}

export function readLocated(message: LocatedRecord__Output): Located | undefined {
  const place = readPlace(message);
  const record = place && unseal(message.record, place);
  return record && { place, record };
}
