/**
 * Latencies as an HDR histogram (G. Tene): counts in buckets of 0.1 % width, so percentiles cost no memory
 * per operation.
 */
import { build, type Histogram } from 'hdr-histogram-js';
import type { Latency } from './figures.ts';

const MICROS_PER_MS = 1_000;
/** An hour: no operation takes so long, since each has its deadline. */
const MICROS_MAX = 3_600_000_000;
const DIGITS = 3;
const POINTS_PER_HALF = 5;

export class Latencies {
  readonly #histogram: Histogram = build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: MICROS_MAX,
    numberOfSignificantValueDigits: DIGITS,
    autoResize: false,
    useWebAssembly: false,
  });

  record(ms: number): void {
    this.#histogram.recordValue(Math.min(Math.max(Math.round(ms * MICROS_PER_MS), 0), MICROS_MAX));
  }

  add(other: Latencies): void {
    this.#histogram.add(other.#histogram);
  }

  reset(): void {
    this.#histogram.reset();
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** Milliseconds below which so many of a hundred lie; 0 when there are none. */
  percentile(percent: number): number {
    return this.#histogram.getValueAtPercentile(percent) / MICROS_PER_MS;
  }

  figures({ distribution }: { readonly distribution: boolean }): Latency {
    const { totalCount: count, mean, maxValue } = this.#histogram;
    return {
      count,
      mean: count === 0 ? 0 : mean / MICROS_PER_MS,
      p50: this.percentile(50),
      p90: this.percentile(90),
      p99: this.percentile(99),
      p999: this.percentile(99.9),
      p9999: this.percentile(99.99),
      max: maxValue / MICROS_PER_MS,
      ...(distribution ? { distribution: this.#distribution() } : {}),
    };
  }

  /** In milliseconds; what plotters of `.hgrm` files read. */
  #distribution(): string {
    return this.#histogram.outputPercentileDistribution(POINTS_PER_HALF, MICROS_PER_MS);
  }
}
