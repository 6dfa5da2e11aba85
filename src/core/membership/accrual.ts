/**
 * How unusual the silence of a member is, as a number that grows with it (accrual, Hayashibara et al. 2004
 * §4): phi 1 means that one silence in ten is as long, phi 3 one in a thousand, judged by the pauses between
 * what was heard of it before, taken as normally distributed. Any message is a sign of life, so a busy link
 * knows within moments and an idle one learns the rhythm of the gossip. What follows from it is decided
 * elsewhere (detector): asking costs little, so a small phi asks; nobody is called down by phi alone.
 */

/** Pauses shorter than this are one burst: requests come by the thousand. */
const PAUSE_MS_MIN = 50;
/** Less unrest than this no machine has: a garbage collection, a full processor. */
const DEVIATION_MS_MIN = 100;
/** Before anything was heard, unless longer pauses are to be expected. */
const MEAN_MS_FIRST = 500;
/** How much one pause changes the estimate: about the last twenty count. */
const WEIGHT = 0.05;

export class Rhythm {
  #heardAt: number;
  #pauseFrom: number;
  #meanMs: number;
  #varianceMs2: number;

  /** @param pauseMs to be expected at first */
  constructor(nowMs: number, pauseMs = 0) {
    this.#meanMs = Math.max(MEAN_MS_FIRST, pauseMs);
    this.#varianceMs2 = this.#meanMs ** 2 / 4;
    this.#heardAt = nowMs;
    this.#pauseFrom = nowMs;
  }

  get heardAt(): number {
    return this.#heardAt;
  }

  heard(nowMs: number): void {
    this.#heardAt = nowMs;
    const pauseMs = nowMs - this.#pauseFrom;
    if (pauseMs < PAUSE_MS_MIN) return;
    this.#pauseFrom = nowMs;
    const offMs = pauseMs - this.#meanMs;
    this.#meanMs += WEIGHT * offMs;
    this.#varianceMs2 = (1 - WEIGHT) * (this.#varianceMs2 + WEIGHT * offMs ** 2);
  }

  /** So long this node heard nobody, for reasons of its own. */
  excuse(ms: number, nowMs: number): void {
    this.#heardAt = Math.min(nowMs, this.#heardAt + ms);
    this.#pauseFrom = Math.min(nowMs, this.#pauseFrom + ms);
  }

  /** 0 or more. */
  phi(nowMs: number): number {
    const deviationMs = Math.max(Math.sqrt(this.#varianceMs2), DEVIATION_MS_MIN);
    return improbability((nowMs - this.#heardAt - this.#meanMs) / deviationMs);
  }
}

/**
 * -log10 of the chance of more than so many deviations (logistic approximation, error below 0.0002 of the
 * chance).
 */
function improbability(deviations: number): number {
  if (deviations <= 0) return 0;
  const odds = deviations * (1.5976 + 0.070566 * deviations ** 2);
  return odds > 500 ? odds * Math.LOG10E : Math.log10(1 + Math.exp(odds));
}
