/** A slow look at everything that lies on this node's disk, step by step. */
import type { SegmentPlace } from './comparisons.ts';

export interface Scrubbing {
  /** The disk failed: nothing can be put right any more. */
  readonly faulted: boolean;
  /**
   * Looks at some segments, from this one on, and sees to it that what is wrong with them is put right.
   * Rejects when they cannot be read.
   */
  step(from: SegmentPlace): Promise<Scrubbed>;
}

export interface Scrubbed {
  /** That were read. */
  readonly rows: number;
  readonly bytes: number;
  /** Segments that were written to all the while: what their sums say is not verified. */
  readonly busy: number;
  /** Where to go on; undefined: that was the last. */
  readonly next: SegmentPlace | undefined;
}
