/** Counters in memory, behind the port (src/ports/metrics.ts). */
import { compareText } from '../base/bytes.ts';
import type { Metrics } from '../ports/metrics.ts';

export class Counters implements Metrics {
  readonly #counts = new Map<string, number>();

  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  snapshot(): ReadonlyMap<string, number> {
    return new Map([...this.#counts].sort(([a], [b]) => compareText(a, b)));
  }
}
