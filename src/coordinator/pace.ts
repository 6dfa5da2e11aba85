/**
 * How long a node may be silent before another is asked beside it, never more than a third of what is left of
 * the request's budget, so that at most one slow answer is waited for (DESIGN §6, *hedge*). Another primary
 * is asked soon: it knows as much. A stand-in only when the silence is suspect: 1. a loaded primary takes 15
 * ms instead of 5; 2. two fallbacks are asked beside it, and answer with what they took in its stead last
 * week; 3. a read shows that, though all primaries are up.
 */
import type { NodeName } from '../base/ids.ts';
import { addSample, type Quantile } from '../base/quantile.ts';
import type { Candidate } from '../core/quorum/candidates.ts';

/**
 * Before anything is known about a node. Loopback answers in 1 ms, another room in 2; a guess too high costs
 * one slow read.
 */
const USUAL_MS_FIRST = 20;
/** Below this a hedge only doubles the load: a garbage collection takes as long. */
const PATIENCE_MS_MIN = 10;
/** So much slower than the fastest, and by so much at least, is slow. */
const SLOW_FACTOR = 3;
const SLOW_MS_MIN = 25;
/**
 * One read in so many asks a slow node in its turn, to find out whether it still is: too few to show in a
 * 99th percentile.
 */
const TRY_EVERY = 256;
/**
 * Silence of so many times the usual, and of so long at least, is suspect (DESIGN §8): a synced write on a
 * busy disk takes a while.
 */
const SUSPECT_FACTOR = 4;
const SUSPECT_MS_MIN = 300;
/** What it takes a coordinator to get an answer from those it asks instead of the silent. */
const ROUND_MS = 150;

export class Pace {
  readonly #usual = new Map<NodeName, Quantile>();
  #fastestMs = USUAL_MS_FIRST;
  /** Reads that found a slow node among those to ask. */
  #tries = 0;

  /** A read of that node took so long. */
  note(node: NodeName, ms: number): void {
    this.#usual.set(node, addSample(this.#of(node), ms));
    this.#fastestMs = Number.POSITIVE_INFINITY;
    for (const { value } of this.#usual.values()) this.#fastestMs = Math.min(this.#fastestMs, value);
  }

  /**
   * Those to ask for a read, the slow primaries behind the others. Without it, and with a hedge by the node's
   * own pace: 1. one of three nodes gets a twentieth of a processor; 2. every other read asks it; 3. it is
   * usually so slow now, so the hedge waits for it, too.
   */
  order(candidates: readonly Candidate[]): readonly Candidate[] {
    const slow = candidates.filter(candidate => this.#isSlow(candidate));
    if (slow.length === 0) return candidates;
    this.#tries += 1;
    if (this.#tries % TRY_EVERY === 0) return candidates;
    const others = candidates.filter(candidate => !slow.includes(candidate));
    const fallbacksFrom = others.findIndex(({ role }) => role === 'fallback');
    return fallbacksFrom < 0 ? [...others, ...slow] : others.toSpliced(fallbacksFrom, 0, ...slow);
  }

  /**
   * Until another primary is asked to read: as long as the node usually takes, or, if it is slow, the others.
   */
  hedgeMs(node: NodeName, leftMs: number): number {
    const usualMs = Math.min(this.#of(node).value, this.#fastestMs * SLOW_FACTOR);
    return Math.min(Math.max(usualMs, PATIENCE_MS_MIN), leftMs / 3);
  }

  /** Until a stand-in takes its place, in a read or a write. */
  suspectMs(node: NodeName, leftMs: number): number {
    return Math.min(Math.max(this.#of(node).value * SUSPECT_FACTOR, SUSPECT_MS_MIN), leftMs / 3);
  }

  /**
   * Until another coordinator is asked beside that one: longer than it waits itself before it asks others, or
   * a sound one with a silent replica would have its work done twice.
   */
  coordinatorMs(node: NodeName, leftMs: number): number {
    return Math.min(this.suspectMs(node, leftMs) + ROUND_MS, leftMs / 2);
  }

  #isSlow({ node, role }: Candidate): boolean {
    const { value } = this.#of(node);
    return role === 'primary' && value > SLOW_MS_MIN && value > this.#fastestMs * SLOW_FACTOR;
  }

  #of(node: NodeName): Quantile {
    return this.#usual.get(node) ?? { share: 0.95, value: USUAL_MS_FIRST };
  }
}
