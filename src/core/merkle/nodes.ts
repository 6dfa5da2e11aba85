/**
 * Nodes of the trees above the segments of a partition: level 0 is the root, level L has 2^L of them, and the
 * leaves are the segments. How their hashes come about: segment-tree.ts.
 */

/** 2^10 segments. */
export const LEAF_LEVEL = 10;
export const NODE_BYTES = 8;

export interface TreeNode {
  /** Among the 2^level of its level. */
  readonly index: number;
  /** {@link NODE_BYTES} bytes. */
  readonly hash: Uint8Array;
}
