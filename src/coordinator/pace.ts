/**
 * How long a node may be silent before another is asked beside it: a few times its usual 95th percentile, never more than a third of
 * what is left of the request's budget, so that at most one slow answer is waited for (DESIGN §6, *hedge*).
 */
import type { NodeName } from '../base/ids.ts';
import { addSample, type Quantile } from '../core/quorum/quantile.ts';

/** Before anything is known about a node. Loopback answers in 1 ms, another room in 2; a guess too high costs one slow read. */
const USUAL_MS_FIRST = 20;
/** Below this a hedge only doubles the load: a garbage collection takes as long. */
const PATIENCE_MS_MIN = 10;
/** A synced write shares its disk with others: its tail is longer than a read's. */
const WRITE_FACTOR = 4;

export class Pace {
  readonly #usual = new Map<NodeName, Quantile>();

  /** A read of that node took so long. */
  note(node: NodeName, ms: number): void {
    this.#usual.set(node, addSample(this.#of(node), ms));
  }

  readPatienceMs(node: NodeName, leftMs: number): number {
    return Math.min(Math.max(this.#of(node).value, PATIENCE_MS_MIN), leftMs / 3);
  }

  writePatienceMs(node: NodeName, leftMs: number): number {
    const usual = this.#of(node).value * WRITE_FACTOR;
    return Math.min(Math.max(usual, 10 * PATIENCE_MS_MIN), leftMs / 3);
  }

  #of(node: NodeName): Quantile {
    return this.#usual.get(node) ?? { share: 0.95, value: USUAL_MS_FIRST };
  }
}
