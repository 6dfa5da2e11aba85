/**
 * What replies show of a key, as types. The context travels in these objects, never in a hidden cache by key:
 * a write replaces what *this* object shows, whatever else the program has read meanwhile (I2).
 */

/** A string comes back as a string, bytes as bytes. At most 1 MiB. */
export type Value = string | Uint8Array;

/** The name of a key. */
export interface KeyName {
  readonly bucket: string;
  readonly key: string;
}

/**
 * What the next write may come `after`: an `Entry`, a `Written`, or the three fields of one, kept anywhere
 * (in a session, in a form, in a file) between the read and the write.
 */
export interface Shown extends KeyName {
  /** Opaque; only the cluster that issued it understands it, and only for this bucket and key. */
  readonly context: Uint8Array;
}

/** What a reply shows, whole. */
export interface ShownValues extends Shown {
  readonly siblings: readonly Sibling[];
  readonly replicas: Replicas;
}

/** One of the values that stand side by side under a key after concurrent writes. */
export interface Sibling {
  readonly value: Value;
  /** By the clock of the node that took the write. For people; it decides nothing. */
  readonly writtenAt: Date;
}

/** How many replicas stood behind an answer. */
export interface Replicas {
  /** Replies that were needed: R or W. */
  readonly required: number;
  /** Nodes that answered, each counted once. */
  readonly answered: number;
  /** How many of those were fallbacks, standing in for a primary. */
  readonly fallback: number;
  /**
   * Reads only: by how many nodes the repair before the reply fell short of `required`; 0 when all is well.
   */
  readonly unrepaired: number;
}
