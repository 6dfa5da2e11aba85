/** Results as a run would have them, made up. */
import type { Result } from '../../bench/results.ts';
import { Results } from '../../bench/results.ts';
import type { Row } from '../../bench/rows.ts';
import type { Measured } from '../../bench/run/measured.ts';

const PLAIN: Measured = {
  opsPerSecond: 1_000,
  p50Ms: 1,
  p99Ms: 4,
  p999Ms: 8,
  clientUs: 10,
  serverUs: 8,
  serverBytesMax: 100 * 1024 * 1024,
  failed: 0,
};

/** An ordinary one but for these figures. */
export function measured(figures: Partial<Measured> = {}): Measured {
  return { ...PLAIN, ...figures };
}

/** Of one run. @param beside the gathered echo of its round */
export function result(row: Row, figures: Partial<Measured>, beside?: Partial<Measured>): Result {
  const results = new Results();
  results.add(row, measured(figures), beside && measured(beside));
  return results.of(row)!;
}
