/** What a node tells of itself and its cluster, as the SDK shows it. */
import { Buffer } from 'node:buffer';

export interface ClusterStatus {
  /** The node that answers; all the rest is as *it* sees it. */
  readonly node: string;
  /** `waiting` for other members, `serving`, `storage-faulted` (reads only) or `draining`. */
  readonly state: string;
  /** 16 hex digits; empty until the ring is born. */
  readonly clusterId: string;
  /** Version of the ring; 0 until it is born. */
  readonly epoch: number;
  /** Hex; two nodes with one epoch and two digests are in trouble. */
  readonly ringDigest: string;
  readonly partitions: number;
  /** N: how many replicas a key has. */
  readonly replication: number;
  readonly members: readonly MemberStatus[];
  /** While waiting: who or what is still awaited, a sentence each. */
  readonly awaited: readonly string[];
  /** Partitions the node holds and has not yet merged with every other owner. */
  readonly recoveringPartitions: number;
  /** How far the node is with them. */
  readonly refill: RefillStatus;
  /** Records in the node's store, those of deleted keys included. */
  readonly records: number;
  /** Notes of writes that other nodes have missed; each gets its own when it is there again. */
  readonly hints: number;
  /** The same by the node that has missed them: sorted, none for one that has missed nothing. */
  readonly hintsFor: readonly HintsFor[];
  /** Of `records`, those of partitions that the ring gives to other nodes: kept until those have them. */
  readonly foreignRecords: number;
  /** How far the node is with bringing itself and the other owners of its partitions together. */
  readonly repair: RepairStatus;
  /** The node's counters since its start, by name. */
  readonly counters: Readonly<Record<string, number>>;
}

export interface HintsFor {
  /** The node that has missed writes. */
  readonly target: string;
  readonly count: number;
  /** How long ago the oldest was missed. */
  readonly oldestMs: number;
}

export interface RefillStatus {
  /** Brought to the node by the refill that runs, or ran last, and their bytes. */
  readonly records: number;
  readonly bytes: number;
  /** Since when it runs; 0 while none does. */
  readonly tookMs: number;
  /** Undefined while nobody can tell: an owner is down, say. */
  readonly leftMs?: number | undefined;
}

export interface RepairStatus {
  /** How many rounds were asked for (`shoal repair`) since the node started. */
  readonly asked: number;
  /** The last of them after which it and every other owner have agreed. */
  readonly agreed: number;
  /**
   * Every node that owns a partition which this one owns too, by name. Empty from a node of a version before.
   */
  readonly with: readonly RepairWith[];
}

export interface RepairWith {
  readonly node: string;
  /** Whether the answering node would ask it for something now. */
  readonly up: boolean;
  /** Partitions that differ and have not been gone through yet. */
  readonly partitionsLeft: number;
  /** Brought from one to the other since the two last agreed, and their bytes. */
  readonly records: number;
  readonly bytes: number;
  /** Since when they are being brought together; 0 while there is nothing to do. */
  readonly tookMs: number;
  /** Undefined while nobody can tell. */
  readonly leftMs?: number | undefined;
  /** How long ago they last agreed; undefined: not since the answering node started. */
  readonly agreedMs?: number | undefined;
  /** As `agreed` of {@link RepairStatus}, of this one. */
  readonly agreedFor: number;
}

export interface MemberStatus {
  readonly name: string;
  /** host:port for clients. */
  readonly address: string;
  /** host:port for other nodes. */
  readonly peerAddress: string;
  readonly zone: string;
  readonly weight: number;
  /** Whether the answering node would ask it for something now. */
  readonly up: boolean;
  /**
   * What the answering node takes it for: `alive`, `suspect` (it does not answer, and may be down), `down`,
   * or `unknown` (it has said nothing since the answering node started, and nobody says that it is dead). One
   * that is `alive` and not `up` is cut off from the answering node only. Empty from a node of a version
   * before.
   */
  readonly state: string;
  /**
   * For how long the answering node has heard nothing from it; if it never did, since the answering node
   * started.
   */
  readonly silentMs: number;
  /** Partitions it is a primary of. */
  readonly partitions: number;
}

/** Where a key lives. */
export interface KeyLocation {
  readonly bucket: string;
  readonly key: string;
  readonly partition: number;
  /** Of the ring that says so. */
  readonly epoch: number;
  /** The N nodes that own the key, in order of preference. */
  readonly primaries: readonly Place[];
  /** The nodes that stand in for them, in order. */
  readonly fallbacks: readonly Place[];
}

export interface Place {
  readonly name: string;
  /** host:port for clients. */
  readonly address: string;
  readonly up: boolean;
}

type StatusReply = Omit<ClusterStatus, 'clusterId' | 'ringDigest' | 'repair' | 'refill'> & {
  readonly clusterId: Uint8Array;
  readonly ringDigest: Uint8Array;
  /** Null from a node of a version before. */
  readonly repair: RepairStatus | null;
  /** As above. */
  readonly refill: RefillStatus | null;
};

const NO_REPAIR: RepairStatus = { asked: 0, agreed: 0, with: [] };
const NO_REFILL: RefillStatus = { records: 0, bytes: 0, tookMs: 0 };

export function readStatus(reply: StatusReply): ClusterStatus {
  return {
    ...reply,
    clusterId: hex(reply.clusterId),
    ringDigest: hex(reply.ringDigest),
    repair: repairOf(reply.repair ?? NO_REPAIR),
    refill: refillOf(reply.refill ?? NO_REFILL),
  };
}

/** Without the marks that the decoder sets beside what may be absent. */
function repairOf({ asked, agreed, with: others }: RepairStatus): RepairStatus {
  return { asked, agreed, with: others.map(withOne) };
}

function refillOf({ records, bytes, tookMs, leftMs }: RefillStatus): RefillStatus {
  return { records, bytes, tookMs, leftMs };
}

function withOne(other: RepairWith): RepairWith {
  const { node, up, partitionsLeft, records, bytes, tookMs, leftMs, agreedMs, agreedFor } = other;
  return { node, up, partitionsLeft, records, bytes, tookMs, leftMs, agreedMs, agreedFor };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
