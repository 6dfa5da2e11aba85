/**
 * How many requests a client may send beyond one for each call: repeats and hedges together a tenth of its
 * calls (TRAPS O3). Without it, 1. a cluster has a bad second; 2. every client sends everything again; 3. the
 * load is doubled, so the cluster stays bad after the cause is gone, for ever.
 *
 * A token bucket. Pure: `now` is passed in. What never left this process costs nothing, because nobody has to
 * bear it.
 */

const PER_CALL = 0.1;
/**
 * A client is taken to make at least one call a second: otherwise one that makes a call an hour could not
 * repeat it after its first few, though nobody would be harmed.
 */
const PER_MS = PER_CALL / 1000;
/** A young or quiet client may repeat what it had under way when a node died. */
export const TOKENS_FIRST = 64;
/**
 * All that can be under way to one node: so much is lost at once when that node dies under full load, and
 * must be repeated.
 */
export const TOKENS_MAX = 1024;
/**
 * Hedges leave so many. A hedge makes a call quicker, a repeat saves it: 1. nodes are slow for a while, and
 * hedges take all there is; 2. a node dies; 3. what was under way to it may not be repeated, and fails.
 */
export const TOKENS_KEPT = TOKENS_FIRST / 2;
/**
 * And what goes on elsewhere because its node is silent leaves so many: it would be repeated anyway, only
 * later. 1. A node freezes, all reads become slow, and hedges take all that they may; 2. it is silent, and
 * nothing is left to go on elsewhere with; 3. calls wait for their share of the deadline to run out, 1.7 s of
 * 5. Not all of it, either: on a machine that is slow enough nodes are silent that are not frozen.
 */
export const TOKENS_KEPT_AT_SILENCE = TOKENS_FIRST / 4;

export class RetryBudget {
  #tokens = TOKENS_FIRST;
  #countedAt: number;

  constructor(now: number) {
    this.#countedAt = now;
  }

  /** A call was begun. */
  earn(): void {
    this.#tokens = Math.min(this.#tokens + PER_CALL, TOKENS_MAX);
  }

  /** @returns whether a call that failed may be sent once more; if so it is counted */
  spend(now: number): boolean {
    return this.#spend(now, { keep: 0 });
  }

  /** The same for a call that has not failed, at another node beside. */
  spendOnHedge(now: number): boolean {
    return this.#spend(now, { keep: TOKENS_KEPT });
  }

  /** The same for a call whose node answers nobody. */
  spendOnSilence(now: number): boolean {
    return this.#spend(now, { keep: TOKENS_KEPT_AT_SILENCE });
  }

  #spend(now: number, { keep }: { readonly keep: number }): boolean {
    const quiet = (now - this.#countedAt) * PER_MS;
    this.#countedAt = now;
    if (this.#tokens < TOKENS_FIRST) this.#tokens = Math.min(this.#tokens + quiet, TOKENS_FIRST);
    if (this.#tokens < 1 + keep) return false;
    this.#tokens -= 1;
    return true;
  }
}
