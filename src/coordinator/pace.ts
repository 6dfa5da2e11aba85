/**
 * How long a node may be silent before another is asked beside it, never more than a third of what is left of the request's budget, so
 * that at most one slow answer is waited for (DESIGN §6, *hedge*). Another primary is asked soon: it knows as much. A stand-in only when
 * the silence is suspect: 1. a loaded primary takes 15 ms instead of 5; 2. two fallbacks are asked beside it, and answer with what they
 * took in its stead last week; 3. a read shows that, though all primaries are up.
 */
import type { NodeName } from '../base/ids.ts';
import { addSample, type Quantile } from '../base/quantile.ts';

/** Before anything is known about a node. Loopback answers in 1 ms, another room in 2; a guess too high costs one slow read. */
const USUAL_MS_FIRST = 20;
/** Below this a hedge only doubles the load: a garbage collection takes as long. */
const PATIENCE_MS_MIN = 10;
/** Silence of so many times the usual, and of so long at least, is suspect (DESIGN §8): a synced write on a busy disk takes a while. */
const SUSPECT_FACTOR = 4;
const SUSPECT_MS_MIN = 300;

export class Pace {
  readonly #usual = new Map<NodeName, Quantile>();

  /** A read of that node took so long. */
  note(node: NodeName, ms: number): void {
    this.#usual.set(node, addSample(this.#of(node), ms));
  }

  /** Until another primary is asked to read. */
  hedgeMs(node: NodeName, leftMs: number): number {
    return Math.min(Math.max(this.#of(node).value, PATIENCE_MS_MIN), leftMs / 3);
  }

  /** Until a stand-in takes its place, in a read or a write. */
  suspectMs(node: NodeName, leftMs: number): number {
    return Math.min(Math.max(this.#of(node).value * SUSPECT_FACTOR, SUSPECT_MS_MIN), leftMs / 3);
  }

  #of(node: NodeName): Quantile {
    return this.#usual.get(node) ?? { share: 0.95, value: USUAL_MS_FIRST };
  }
}
