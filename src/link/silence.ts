/**
 * Whether the other side of a link has been silent for longer than it usually takes while it owes an answer:
 * then better ask another (DESIGN §8). Time is handed in. A frame of any kind breaks the silence.
 *
 * Of prompt requests only, because background work takes as long as it takes: 1. a scan of a large partition
 * is all that is under way, and takes a second; 2. its node is taken for unreachable; 3. or such scans are
 * what is usual, and a node that hangs is not noticed for seconds.
 */
import { addSample, type Quantile } from '../base/quantile.ts';

/** So many times the usual, and so long at least. */
const SUSPECT_FACTOR = 2;
const SUSPECT_MS_MIN = 300;
/** An estimate needs no more than one in so many. */
const SAMPLE_EVERY = 8;

export class Silence {
  #since = 0;
  #usual: Quantile = { share: 0.99, value: SUSPECT_MS_MIN / SUSPECT_FACTOR };
  #answers = 0;

  /** The other side has said something, or owes something from now on and owed nothing before. */
  broken(nowMs: number): void {
    this.#since = nowMs;
  }

  /** @param tookMs of a prompt request */
  answered(tookMs: number): void {
    if (this.#answers % SAMPLE_EVERY === 0) this.#usual = addSample(this.#usual, tookMs);
    this.#answers += 1;
  }

  /** Only for a side that owes an answer to a prompt request. */
  isSuspect(nowMs: number): boolean {
    return nowMs - this.#since > Math.max(SUSPECT_MS_MIN, this.#usual.value * SUSPECT_FACTOR);
  }
}
