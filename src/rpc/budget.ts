/**
 * How long a call at a door may take: what its caller says, within bounds, less what is needed for the answer
 * (I10: no call without a deadline).
 */

/** A call without a deadline gets this one (TRAPS G1). */
const BUDGET_MS_DEFAULT = 10_000;
/** Nobody waits longer; a later deadline is taken for this one. */
const BUDGET_MS_MAX = 60_000;
/**
 * Kept back from the budget for the way of the answer. Without it, what went wrong and whether the write is
 * in arrives just after the client has given up, and all it ever learns is that its deadline passed.
 */
const ANSWER_SHARE = 0.1;
const ANSWER_MS_MAX = 50;

export interface Budget {
  /** How long its caller still waits; undefined when nobody said. */
  readonly budgetMs: number | undefined;
  /** How long it may have waited to be read. */
  readonly ageMs: number;
}

/** What is left for doing it, ms. */
export function budgetOf({ budgetMs, ageMs }: Budget): number {
  if (budgetMs === undefined) return BUDGET_MS_DEFAULT - ageMs;
  const left = Math.min(budgetMs - ageMs, BUDGET_MS_MAX);
  return left - Math.min(left * ANSWER_SHARE, ANSWER_MS_MAX);
}
