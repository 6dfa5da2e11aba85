/**
 * Keeps slow reads off the event loop: rows are read as they lie while that is fast, and warmed first while
 * it is not. When that is so is core/rows/cold-reads' to say; here the reads are timed and the rows fetched.
 */
import type { KeyPlace } from '../core/ring/placement.ts';
import { afterRead, afterWarming, NONE_COLD, warmsNext } from '../core/rows/cold-reads.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Store } from '../ports/store.ts';
import { dataKey } from './layout.ts';

export class Warmth {
  readonly #store: Store;
  readonly #metrics: Metrics;
  #reads = NONE_COLD;
  /** The places of requests whose rows were warmed: how fast those are read says nothing. */
  readonly #warmed = new WeakSet<KeyPlace>();

  constructor({ store, metrics }: { store: Store; metrics: Metrics }) {
    this.#store = store;
    this.#metrics = metrics;
  }

  /** Undefined: read it now, in this tick. */
  warm(place: KeyPlace): Promise<void> | undefined {
    if (this.#warmed.has(place) || !warmsNext(this.#reads)) return undefined;
    this.#reads = afterWarming(this.#reads);
    this.#metrics.count('row.warmed');
    return this.warmAll([place]);
  }

  warmAll(places: readonly KeyPlace[]): Promise<void> {
    for (const place of places) this.#warmed.add(place);
    return this.#store.warm(places.map(dataKey));
  }

  /** The row of this place has been read. */
  note(place: KeyPlace, ms: number): void {
    if (!this.#warmed.has(place)) this.#reads = afterRead(this.#reads, ms);
  }
}
