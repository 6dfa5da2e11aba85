/**
 * The rows of one segment, found by its index: what that costs is the segment's, and not its partition's
 * (DESIGN §7, *Anti-entropy*). Committed rows only. The index is believed: a row that it does not name is not
 * seen here, which the segment's sum tells and the scrub finds (replica/scrub). Decides nothing about what
 * differs.
 */
import { Buffer } from 'node:buffer';
import { portions } from '../base/portions.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { SegmentPlace } from '../core/ring/segments.ts';
import { type Glimpse, glimpseRow } from '../core/rows/row.ts';
import type { Listed } from '../ports/comparisons.ts';
import { ReplicaFailed } from '../ports/replica.ts';
import { type Store, StoreFailed } from '../ports/store.ts';
import { dataKey, readIndexKey, segmentRange } from './layout.ts';
import { scanAll } from './scan-all.ts';

export interface SegmentSource {
  readonly store: Store;
  /** A row of it cannot be read: it is left out, since nobody knows what it held (I12). */
  readonly onDamage: (place: KeyPlace) => void;
}

/** What lies under a key that the index names; `row` undefined: nothing does. */
export interface Indexed {
  readonly place: KeyPlace;
  readonly row: Glimpse | 'damaged' | undefined;
  readonly bytes: number;
}

/** What the index of a segment names. */
export interface Named {
  readonly places: readonly KeyPlace[];
  /** Of its rows, those that are nobody's. */
  readonly strays: number;
}

/** Their bytes are in memory together. */
const AT_ONCE = 16;

/**
 * The keys of each of these segments with the digests of their records, in the order of their names, for a
 * peer that has others. Their indexes are read at once and their rows together: one after the other a segment
 * of four rows takes three ways to the disk's threads and back. Rejects with ReplicaFailed when a part of
 * them cannot be read.
 * @param segments so few that their indexes may be open at once
 */
export async function listSegments(
  segments: readonly SegmentPlace[],
  { store, onDamage }: SegmentSource,
): Promise<readonly (readonly Listed[])[]> {
  try {
    const named = await Promise.all(segments.map(segment => readIndex(segment, store)));
    const rows = await rowsUnder(
      named.flatMap(({ places }) => places),
      store,
    );
    const left = [...rows];
    return named.map(({ places }) => listed(left.splice(0, places.length), onDamage));
  } catch (cause) {
    throw new ReplicaFailed('refused', 'a segment cannot be read here', { cause });
  }
}

function listed(rows: readonly Indexed[], onDamage: SegmentSource['onDamage']): readonly Listed[] {
  return rows.flatMap(({ place, row }) => {
    if (row === 'damaged') onDamage(place);
    return row === undefined || row === 'damaged' ? [] : [{ place, digest: row.digest }];
  });
}

/** Rejects with StoreFailed when a part of it cannot be read. */
export async function readIndex(segment: SegmentPlace, store: Store): Promise<Named> {
  const keys: Uint8Array[] = [];
  await scanAll(store, segmentRange(segment), ({ key }) => keys.push(key));
  return namedBy(keys);
}

/** @param keys of one segment's index */
export function namedBy(keys: readonly Uint8Array[]): Named {
  const places = keys.flatMap(key => readIndexKey(key) ?? []);
  return { places, strays: keys.length - places.length };
}

/** Reads them into the cache first, as background work does. Rejects with StoreFailed. */
export async function rowsUnder(places: readonly KeyPlace[], store: Store): Promise<readonly Indexed[]> {
  const found: Indexed[] = [];
  for (const some of portions(places, AT_ONCE)) {
    await store.warm(some.map(dataKey));
    for (const place of some) found.push(lookUp(place, store));
  }
  return found;
}

function lookUp(place: KeyPlace, store: Store): Indexed {
  const value = valueUnder(place, store);
  if (value === undefined || value === 'damaged') return { place, row: value, bytes: 0 };
  const row = glimpseRow(value, place);
  const bytes = value.byteLength;
  // A copy of the digest: a view would keep all of the row.
  return { place, bytes, row: row === 'damaged' ? row : { ...row, digest: Buffer.from(row.digest) } };
}

/** As replica/rows has it: corruption that LevelDB names is damage, an I/O error is not. */
function valueUnder(place: KeyPlace, store: Store): Uint8Array | 'damaged' | undefined {
  try {
    return store.get(dataKey(place));
  } catch (cause) {
    if (cause instanceof StoreFailed && cause.corrupt) return 'damaged';
    throw cause;
  }
}
