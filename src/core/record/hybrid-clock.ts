/**
 * Hybrid logical time (Kulkarni et al. 2014, "Logical Physical Clocks"): near the wall clock, never
 * backwards, later than what was heard. One safe integer: milliseconds × 1024 + a logical count; good until
 * the year 2248. It orders the list of overwritten writes and is shown to people; which siblings stand is
 * never decided by it (TRAPS C11). A node's clock begins anew with each start, so a single write may be older
 * than the one before; a write that replaces another is always later than that (replica/replica).
 */

const TICKS_PER_MS = 1024;

/**
 * A clock further ahead than this is not followed: one node in the year 2100 must not drag the others along
 * (TRAPS C11).
 */
export const FOLLOW_MS_MAX = 60_000;

/** The time to give the next event: later than `last`, and the wall clock's if that is further. */
export function tick(last: number, wallMs: number): number {
  return Math.max(last + 1, Math.floor(wallMs) * TICKS_PER_MS);
}

/** The clock after hearing `heard` from elsewhere. */
export function observe(last: number, { heard, wallMs }: { heard: number; wallMs: number }): number {
  return heard > (wallMs + FOLLOW_MS_MAX) * TICKS_PER_MS ? last : Math.max(last, heard);
}

/** Milliseconds since 1970 of a hybrid time. */
export function toMs(time: number): number {
  return Math.floor(time / TICKS_PER_MS);
}
