/**
 * What another node's digests tell of its records (DESIGN §7, *Anti-entropy*): questions that begin with the
 * sums of whole partitions and end with keys, each answered with what differs and nothing else. Asking
 * changes nothing on either side. Contract suite: test/contract/comparisons.contract.ts.
 */
import type { Partition, Segment } from '../base/ids.ts';
import type { Listed } from '../core/merkle/differences.ts';
import { LEAF_LEVEL, NODE_BYTES, type TreeNode } from '../core/merkle/nodes.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { SegmentPlace } from '../core/ring/segments.ts';
import type { Call } from './call.ts';
import type { Located } from './replica.ts';

export { LEAF_LEVEL, type Listed, NODE_BYTES, type SegmentPlace, type TreeNode };

/**
 * Every method rejects with ReplicaFailed and with nothing else. All of it is about committed rows; only a
 * record may be newer.
 */
export interface Comparisons {
  /** Which of these partitions have another sum there. */
  sums(mine: readonly PartitionSum[], call: Call): Promise<SumsReply>;
  /** Those nodes of trees that have another hash there, with that hash. */
  nodes(mine: readonly TreeNodes[], call: Call): Promise<readonly TreeNodes[]>;
  /**
   * Of the first of these segments, in their order, one at least: which records the one has and the other
   * not.
   */
  keys(mine: readonly SegmentDigests[], call: Call): Promise<readonly SegmentDifference[]>;
  /**
   * What lies under the first of these keys, one at least, in their order; undefined where nothing sound
   * does.
   */
  records(places: readonly KeyPlace[], call: Call): Promise<readonly (Located | undefined)[]>;
}

/** The same of this node itself, for whoever asks the others: the side that is sent. */
export interface OwnDigests {
  sums(partitions: readonly Partition[]): readonly PartitionSum[];
  /** How many committed rows there are, segments in doubt left out. */
  rows(partition: Partition): number;
  /** Rejects with ReplicaFailed, as does all below. */
  nodes(asked: TreeIndexes): Promise<TreeNodes>;
  /** The rows of each of these segments, in their order; damaged ones are left out, and told of. */
  list(segments: readonly SegmentPlace[]): Promise<readonly (readonly Listed[])[]>;
}

export interface TreeIndexes {
  readonly partition: Partition;
  readonly level: number;
  /** Ascending, each once. */
  readonly indexes: readonly number[];
}

export interface PartitionSum {
  readonly partition: Partition;
  /** {@link PARTITION_SUM_BYTES} bytes; never equal to another node's while a segment of it is in doubt. */
  readonly sum: Uint8Array;
}

export interface SumsReply {
  readonly differing: readonly DifferingPartition[];
  /** They are being filled there, and none of `differing`. */
  readonly recovering: readonly Partition[];
}

export interface DifferingPartition {
  readonly partition: Partition;
  /** How many committed rows there are, segments in doubt left out. */
  readonly rows: number;
  /** It is being brought together with another node, and not to be compared just now. */
  readonly isBusy: boolean;
}

/** Nodes of the tree above one partition's segments, all of one level. */
export interface TreeNodes {
  readonly partition: Partition;
  /** 0: the root; {@link LEAF_LEVEL}: the segments. */
  readonly level: number;
  /** Ascending, each once. */
  readonly nodes: readonly TreeNode[];
}

export interface SegmentDigests {
  readonly partition: Partition;
  readonly segment: Segment;
  /** Of the records here, each once, in any order; 16 bytes each. */
  readonly digests: readonly Uint8Array[];
}

export interface SegmentDifference {
  /**
   * Records there that are not among the digests: the key is missing here, or another record of it is held.
   */
  readonly others: readonly Listed[];
  /** Indexes of the digests that are not there. */
  readonly lacking: readonly number[];
}

export const PARTITION_SUM_BYTES = 20;

/** In one {@link Comparisons.nodes}: a tree costs its node half a millisecond. */
export const TREES_MAX = 8;
/** In one {@link Comparisons.keys}. */
export const SEGMENTS_MAX = 64;
/** And so many digests in all of them. */
export const DIGESTS_MAX = 64 * 1024;
/**
 * An answer of {@link Comparisons.keys} ends with the segment whose `others` reach this, cut off there: the
 * rest is found when these are the same.
 */
export const LISTED_MAX = 1024;
/** In one {@link Comparisons.records}. */
export const RECORDS_MAX = 64;
/** And so many bytes of them, but always one. */
export const RECORDS_BYTES_MAX = 256 * 1024;
