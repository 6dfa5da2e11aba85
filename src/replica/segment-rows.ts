/**
 * One segment's keys with the digests of their records, for a peer whose segment has another sum (DESIGN §7,
 * *Anti-entropy*): committed rows only. What it costs is that segment's, and not its partition's. Decides
 * nothing about what differs.
 */
import type { KeyPlace } from '../core/ring/placement.ts';
import { glimpseRow } from '../core/rows/row.ts';
import type { Listed } from '../ports/comparisons.ts';
import { ReplicaFailed } from '../ports/replica.ts';
import type { Store } from '../ports/store.ts';
import { readDataKey, type SegmentPlace, segmentRange } from './layout.ts';
import { scanAll } from './scan-all.ts';

export interface SegmentSource {
  readonly store: Store;
  /** A row of it cannot be read: it is left out, since nobody knows what it held (I12). */
  readonly onDamage: (place: KeyPlace) => void;
}

/** In the order of their names. Rejects with ReplicaFailed when a part of it cannot be read. */
export async function listSegment(
  { partition, segment }: SegmentPlace,
  { store, onDamage }: SegmentSource,
): Promise<readonly Listed[]> {
  const listed: Listed[] = [];
  await scanAll(store, segmentRange(partition, segment), ({ key, value }) => {
    const place = readDataKey(key);
    const row = place && glimpseRow(value, place);
    if (row === 'damaged') onDamage(place!);
    else if (row !== undefined) listed.push({ place: place!, digest: row.digest });
  }).catch(cause => {
    throw new ReplicaFailed('refused', 'a segment cannot be read here', { cause });
  });
  return listed;
}
