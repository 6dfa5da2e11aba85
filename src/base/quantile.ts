/**
 * A running estimate of a high quantile in two numbers (frugal streaming, Ma, Muthukrishnan and Sandler
 * 2013): each sample moves it a little, up by `share` and down by the rest, so that it settles where that
 * share of samples lies below. For hedging and for a node's share of a deadline; not for figures.
 */
export interface Quantile {
  /** Which one, 0 … 1. */
  readonly share: number;
  /** The estimate, in the samples' unit. */
  readonly value: number;
}

/**
 * How far one sample can move the estimate, as a part of it: for a 95th percentile it rises tenfold in some
 * 25 slow samples and falls so far in some 500.
 */
const STEP = 0.1;

export function addSample(quantile: Quantile, sample: number): Quantile {
  const { share, value } = quantile;
  const step = Math.max(value * STEP, 0.01);
  const moved = sample > value ? value + step * share : value - step * (1 - share);
  return { share, value: Math.max(0, moved) };
}
