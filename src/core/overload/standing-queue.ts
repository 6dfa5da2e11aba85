/**
 * Whether a queue stands: whether, for a whole interval, what was oldest in it had waited longer than it
 * should (CoDel, Nichols and Jacobson 2012, as Facebook sheds by it: "Fail at Scale", Maurer 2015). A burst
 * fills a queue and is gone; one that stands only makes everybody late, so it is cut short until it has been
 * empty again. Judged by time, never by length: a thousand reads are nothing, ten records of 3 MiB a lot.
 */
export interface Standing {
  /** The interval that runs now ends then, ms. */
  readonly until: number;
  /** The least age of the oldest that was seen in it, ms. */
  readonly leastMs: number;
  /** It stood all through the interval before. */
  readonly stands: boolean;
}

/** Long enough for a garbage collection or a slow sync to pass. */
export const INTERVAL_MS = 100;
/**
 * What waiting may usually cost. With 40 ms, and patience for two intervals, a flood made p99 4.5 times what
 * it was at peak.
 */
export const TARGET_MS = 25;
/**
 * What has waited longer is refused: in a burst whatever the interval bears, in a standing queue little more
 * than the target.
 */
export const PATIENCE_MS = { burst: INTERVAL_MS, standing: 2 * TARGET_MS } as const;

export const NEVER_STOOD: Standing = { until: 0, leastMs: 0, stands: false };

/** @param seen.oldestMs how long what is oldest has waited; 0 when nothing waits */
export function observe(
  standing: Standing,
  { oldestMs, now }: { readonly oldestMs: number; readonly now: number },
): Standing {
  const { until, leastMs, stands } = standing;
  if (now >= until) return { until: now + INTERVAL_MS, leastMs: oldestMs, stands: leastMs > TARGET_MS };
  return oldestMs < leastMs ? { until, leastMs: oldestMs, stands } : standing;
}

/** How long work may wait in it before it is refused. */
export function patienceMs({ stands }: Standing): number {
  return stands ? PATIENCE_MS.standing : PATIENCE_MS.burst;
}
