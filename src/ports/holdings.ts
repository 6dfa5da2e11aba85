/**
 * What this node keeps for others until they have it: notes of what they missed, and foreign records
 * (DESIGN §7). Kept by src/replica/custody, brought to them by src/repair/handoff.
 */
import type { NodeName, Partition } from '../base/ids.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Located, ScanReply, ScanRequest } from './replica.ts';

/** A note that this node has not got the key yet. */
export interface Owed {
  readonly target: NodeName;
  readonly place: KeyPlace;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

export interface OwedPage {
  readonly notes: readonly Owed[];
  /** Where the next page begins; undefined when this was the last. */
  readonly next: Uint8Array | undefined;
}

/** The record of this digest is held durably where it belongs. */
export interface Confirmed {
  readonly place: KeyPlace;
  readonly digest: Uint8Array;
}

/** Everything rejects when the disk fails. */
export interface Holdings {
  readonly faulted: boolean;
  /** Those that are owed something. Sorted. */
  targets(): readonly NodeName[];
  owed(target: NodeName, nowMs: number): { readonly count: number; readonly oldestMs: number };
  /** In the order of their keys, committed ones only. */
  notes(target: NodeName, after: Uint8Array | undefined): Promise<OwedPage>;
  /** What lies under the first of these keys; of as many as have so many bytes together, one at least. */
  records(
    places: readonly KeyPlace[],
    bytesMax: number,
  ): Promise<readonly (Located | 'damaged' | undefined)[]>;
  /** Where there are rows. Sorted. */
  partitionsWithRows(): readonly Partition[];
  /** How many rows there are in such partitions. */
  recordsWhere(isWanted: (partition: Partition) => boolean): number;
  scan(request: ScanRequest): Promise<ScanReply>;
  /** The note goes, durably; false if the row is another now, or the note gone already. */
  served(target: NodeName, confirmed: Confirmed): Promise<boolean>;
  /** The note goes, whatever the row. */
  forget(note: Pick<Owed, 'target' | 'place'>): Promise<boolean>;
  /** The note goes, if there is no row beside it. */
  forgetBare(note: Pick<Owed, 'target' | 'place'>): Promise<boolean>;
  /** Row, sum and notes go; false if the row is another now. */
  drop(confirmed: Confirmed): Promise<boolean>;
}
