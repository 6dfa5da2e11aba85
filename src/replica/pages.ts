/** A partition page by page, for a peer that has to fill its own: committed rows only, in storage order. */
import { Buffer } from 'node:buffer';
import { EMPTY } from '../base/bytes.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import { decodeRow } from '../core/rows/row.ts';
import { type Located, ReplicaFailed, type ScanReply, type ScanRequest } from '../ports/replica.ts';
import type { Entry, Store } from '../ports/store.ts';
import { keyAfter, partitionRange, readDataKey } from './layout.ts';

const PAGE_ROWS_MAX = 256;
/** A page is cut here, but never before its first record: a record may itself be larger. */
const PAGE_BYTES_MAX = 1024 * 1024;

export interface PageSource {
  readonly store: Store;
  readonly onDamage: (place: KeyPlace) => void;
}

export async function scanPage({ partition, after }: ScanRequest, source: PageSource): Promise<ScanReply> {
  const range = partitionRange(partition);
  // A peer's word on where to go on, so not before the partition; past its end there is nothing.
  const from = Buffer.compare(after, range.from) > 0 ? after : range.from;
  const entries = await source.store.scan({ ...range, from, limit: PAGE_ROWS_MAX }).catch(cause => {
    throw new ReplicaFailed('refused', 'a part of the partition cannot be read here', { cause });
  });
  const page = cut(entries);
  const whole = page.length === entries.length && entries.length < PAGE_ROWS_MAX;
  return { records: locate(page, source), next: whole ? EMPTY : keyAfter(page.at(-1)!.key) };
}

function cut(entries: readonly Entry[]): readonly Entry[] {
  let bytes = 0;
  const end = entries.findIndex(({ value }) => {
    bytes += value.byteLength;
    return bytes > PAGE_BYTES_MAX;
  });
  return end === -1 ? entries : entries.slice(0, Math.max(end, 1));
}

/** Damaged rows are left out: the other side must not take them for news, and whoever owns them is told. */
function locate(entries: readonly Entry[], source: PageSource): readonly Located[] {
  return entries.flatMap(({ key, value }) => {
    const place = readDataKey(key);
    if (place === undefined) return [];
    const row = decodeRow(value, place);
    if (row !== 'damaged') return [{ place, record: row.sealed }];
    source.onDamage(place);
    return [];
  });
}
