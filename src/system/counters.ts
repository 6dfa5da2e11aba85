/** Counters and gauges in memory, behind the port (src/ports/metrics.ts). */
import { compareText } from '../base/bytes.ts';
import type { Metrics } from '../ports/metrics.ts';

export class Counters implements Metrics {
  readonly #counts = new Map<string, number>();
  readonly #gauges = new Map<string, () => number>();

  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  gauge(name: string, read: () => number): void {
    this.#gauges.set(name, read);
  }

  /** Gauges are told in whole numbers, from 0 on, as counters are. */
  snapshot(): ReadonlyMap<string, number> {
    const measured = [...this.#gauges].map(
      ([name, read]) => [name, Math.max(0, Math.round(read()))] as const,
    );
    return new Map([...this.#counts, ...measured].sort(([a], [b]) => compareText(a, b)));
  }
}
