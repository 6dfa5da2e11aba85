/** placeholder for the ring builder's author: types first. */
import type { NodeName, Partition } from '../base/ids.ts';

/** What placement depends on. */
export interface RingMember {
  readonly name: NodeName;
  /** Failure domain (rack, room, …); members of one zone are taken to fail together. */
  readonly zone: string;
  /** Its share of partitions relative to the others, an integer 1 … 1000. */
  readonly weight: number;
}

/** The versioned table partition → nodes. */
export interface Ring {
  /** 1 at birth. */
  readonly epoch: number;
  /** N: how many nodes own a partition (fewer when there are fewer members). */
  readonly replication: number;
  /** Sorted by name. */
  readonly members: readonly RingMember[];
  /** For each of the Q partitions the names of its primaries, first places first: min(N, members) distinct nodes. */
  readonly primaries: readonly (readonly NodeName[])[];
}

/** The nodes for a key in order (Dynamo §4.3). */
export interface PreferenceList {
  readonly primaries: readonly NodeName[];
  /** Every other member: who stands in when primaries are out. */
  readonly fallbacks: readonly NodeName[];
}

export declare function preferenceList(ring: Ring, partition: Partition): PreferenceList;
