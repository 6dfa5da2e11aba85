/**
 * What to do when an attempt has failed: ask again after a pause, leave it to the other one that is under
 * way, or tell the program. Pure. What a repeat costs the cluster is not weighed here (retry-budget.ts), nor
 * which node it goes to (standing.ts).
 */
import type { AttemptFailure } from './failure.ts';
import { isFinal, mayRepeat, pauseMs, ROUNDS_MAX } from './retry.ts';

/**
 * A number: ask again in so many milliseconds. `other`: of two that were asked, one may still answer, or the
 * next is on its way.
 */
export type NextStep = number | 'other' | 'give up';

export interface Failed {
  readonly failure: AttemptFailure;
  /** Whether the call may be made again though it may have been applied. */
  readonly repeatable: boolean;
  /** `silent`: it waits for nodes that answer nobody; `to come`: one will be asked, after a pause. */
  readonly other: 'none' | 'silent' | 'under way' | 'to come';
  /** Attempts of this call that have failed, this one included. */
  readonly attempts: number;
  /** That there are. */
  readonly nodes: number;
  /** Of the call's time; ms. */
  readonly leftMs: number;
  /** So long the node that would be next must not be asked; ms. */
  readonly closedMs: number;
  /** Random, in [0, 1). */
  readonly fraction: number;
}

export function nextStep(failed: Failed): NextStep {
  const { failure, repeatable, other, attempts, nodes, closedMs, fraction } = failed;
  const { error, pushbackMs = 0 } = failure;
  // What the request itself is to blame for, nobody will answer otherwise.
  if (isFinal(error)) return 'give up';
  if (other === 'under way' || other === 'to come') return 'other';
  const end = other === 'silent' ? 'other' : 'give up';
  const enough = attempts >= ROUNDS_MAX * nodes || pushbackMs < 0;
  if (enough || !mayRepeat(error, { repeatable })) return end;
  const ms = Math.max(closedMs, pauseMs(error.reason, { attempts, nodes }, fraction));
  return ms < failed.leftMs ? ms : end;
}
