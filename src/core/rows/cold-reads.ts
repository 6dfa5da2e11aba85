/**
 * Whether a row may be read on the event loop, or is to be warmed first, off it (DESIGN §6, *Storage is one
 * tick*).
 *
 * A synchronous read costs 6 µs when its block is in memory, and milliseconds of everybody's time when it is
 * not; to warm it first costs 13 µs more. Measured with 2 000 000 rows, 64 reads in flight: all in memory 45
 * 000 reads/s as they lie, 34 000 warmed; with memory for a quarter of them 320 and the loop late by 180 ms,
 * warmed 600 and late by 1. So reads go as they lie while at most one in twenty is slow: not one in a
 * hundred, for where processors are short that many only look slow, since the process was put aside in the
 * midst of them. While they are warmed, one in {@link PROBE_EVERY} still goes as it lies: what was warmed
 * says nothing about what lies there.
 */
export interface ColdReads {
  /** Of the reads that nothing had warmed, the share that was slow: a running mean. */
  readonly slowShare: number;
  readonly warming: boolean;
  /** How many were warmed since the last that was not. */
  readonly warmed: number;
}

export const NONE_COLD: ColdReads = { slowShare: 0, warming: false, warmed: 0 };

/** More than the page cache ever takes, less than any disk. */
const SLOW_MS = 0.2;
/** Warming ends well below where it begins, so that it does not come and go. */
const SHARE_TO_BEGIN = 0.05;
const SHARE_TO_END = 0.025;
/**
 * Higher it would only take longer to come down: from here some 1 400 fast reads, 3 s of a busy node that is
 * warm again.
 */
const SHARE_MAX = 0.1;
/** Of the newest read in the mean: fifty slow ones in a row begin it. */
const WEIGHT = 1 / 1024;
/** A cold read holds the loop up for 3 ms: one in 64 at 600 a second is a fortieth of its time. */
const PROBE_EVERY = 64;

/** A row was read as it lay. */
export function afterRead(reads: ColdReads, ms: number): ColdReads {
  const slow = ms > SLOW_MS;
  const mean = reads.slowShare + (Number(slow) - reads.slowShare) * WEIGHT;
  const slowShare = Math.min(mean, SHARE_MAX);
  return { slowShare, warming: slowShare > (reads.warming ? SHARE_TO_END : SHARE_TO_BEGIN), warmed: 0 };
}

/** Whether the next row is to be warmed before it is read. */
export function warmsNext({ warming, warmed }: ColdReads): boolean {
  return warming && warmed < PROBE_EVERY - 1;
}

/** A row is being warmed. */
export function afterWarming({ slowShare, warming, warmed }: ColdReads): ColdReads {
  return { slowShare, warming, warmed: warmed + 1 };
}
