/**
 * What a node tells about itself and the cluster: behind `Cluster.Status`, `Cluster.Locate` and
 * `Cluster.Ring`.
 */
import type { NodeName, Partition } from '../base/ids.ts';
import type { Cluster, Member } from '../core/membership/cluster.ts';

export interface Overview {
  /** Of the ring; 0 before it is born. */
  readonly epoch: number;
  status(): Status;
  /** @throws ShoalError BAD_KEY, NOT_READY */
  locate(key: { readonly bucket: string; readonly key: string }): Location;
  ring(): SeenRing;
}

/**
 * `waiting`: the ring is not born, or this node has not been let in. `serving`. `storage-faulted`: reads
 * only, until restarted. `draining`: it is shutting down.
 */
export type NodeState = 'waiting' | 'serving' | 'storage-faulted' | 'draining';

export interface Status {
  readonly node: NodeName;
  readonly state: NodeState;
  readonly cluster: Cluster | undefined;
  /** Hex; empty until the ring is born. */
  readonly ringDigest: string;
  readonly members: readonly SeenMember[];
  /** Who or what is still awaited, one sentence each. */
  readonly awaited: readonly string[];
  readonly recoveringPartitions: number;
  /** How far they are. */
  readonly refill: Refilling;
  readonly records: number;
  readonly hints: number;
  /** The same by target: sorted, and no target without a hint. */
  readonly hintsFor: readonly OwedHints[];
  /** Of `records`, those of partitions that the ring gives to others: kept until those have them. */
  readonly foreignRecords: number;
  readonly repair: Repairing;
  readonly counters: ReadonlyMap<string, number>;
}

/** What is owed to a node: keys it has not got yet. */
export interface OwedHints {
  readonly target: NodeName;
  readonly count: number;
  /** How long ago the oldest was missed. */
  readonly oldestMs: number;
}

/**
 * How far this node is with merging partitions that are recovering with their other owners
 * (src/repair/refill).
 */
export interface Refilling {
  /** Brought by the one that runs, or ran last, and their bytes. */
  readonly records: number;
  readonly bytes: number;
  /** Since when it runs; 0 while none does. */
  readonly tookMs: number;
  /** Undefined while unknown. */
  readonly leftMs: number | undefined;
}

/** How far anti-entropy is (src/repair/anti-entropy). */
export interface Repairing {
  /** How many rounds were asked for by hand since this node started. */
  readonly asked: number;
  /** The last of them after which every other owner and this node have agreed. */
  readonly agreed: number;
  /** Every node that owns a partition which this one owns too, by name. */
  readonly with: readonly RepairWith[];
}

export interface RepairWith {
  readonly node: NodeName;
  /** Believed to answer. */
  readonly up: boolean;
  /** Partitions that differ and have not been gone through yet. */
  readonly partitionsLeft: number;
  /** Brought from one to the other since the two last agreed, and their bytes. */
  readonly records: number;
  readonly bytes: number;
  /** Since when they are being brought together; 0 while there is nothing to do. */
  readonly tookMs: number;
  /** Undefined while unknown. */
  readonly leftMs: number | undefined;
  /** How long ago they last agreed; undefined: not since this node started. */
  readonly agreedMs: number | undefined;
  /** As in {@link Repairing.agreed}. */
  readonly agreedFor: number;
}

/** Behind `Cluster.Repair`. */
export interface Repairs {
  /**
   * Compares with every other owner now, and mends what differs.
   * @throws ShoalError NOT_READY, DRAINING, STORAGE_FAULTED
   */
  repairNow(): AskedRepair;
}

export interface AskedRepair {
  readonly node: NodeName;
  /** The number of the request: see {@link Repairing}. */
  readonly asked: number;
}

/**
 * What this node takes a member for. `unknown`: it has said nothing since this node started, and nobody says
 * that it is dead. One that is `alive` and not `up` is cut off from this node only.
 */
export type SeenState = 'alive' | 'suspect' | 'down' | 'unknown';

export interface SeenMember extends Member {
  /** Whether this node would ask it for something now. */
  readonly up: boolean;
  readonly state: SeenState;
  /** Since it was last heard; since this node's start if it never was; 0 for this node itself. */
  readonly silentMs: number;
  /** Partitions it is a primary of. */
  readonly partitions: number;
}

/** The ring and where its members listen. */
export interface SeenRing {
  readonly node: NodeName;
  /** Undefined until the ring is born. */
  readonly cluster: Cluster | undefined;
  /** Those of the ring, in its order; none until it is born. */
  readonly members: readonly SeenMember[];
}

export interface Location {
  readonly partition: Partition;
  readonly epoch: number;
  readonly primaries: readonly SeenMember[];
  readonly fallbacks: readonly SeenMember[];
}
