/**
 * Whether to try again, how long to wait before, and how much time an attempt gets. Pure.
 *
 * Reads are always safe to repeat. A put carries a write id, so that a repeat through any node is the same
 * write; a delete with a context only removes what that context has seen. What is *not* repeated once its
 * outcome is unknown is a delete without a context: 1. X deletes "whatever is there", it is done, the answer
 * is lost; 2. Y sees that the key is gone and writes it, acked; 3. X's repeat deletes Y's write, which X
 * never meant. (A put that overwrites has a write id, so its repeat cannot do that.)
 */
import type { Reason, ShoalError } from '../base/errors.ts';

/**
 * For each node; with the pauses below some 3 s of trying, however many there are: a restart of the only one,
 * or of two of three.
 */
export const ROUNDS_MAX = 8;

const PAUSE_MS_FIRST = 50;
const PAUSE_MS_MAX = 1_000;
/** About the time of a read and a write. */
const ROUND_MS_FIRST = 5;
const ROUND_MS_MAX = 200;
/**
 * An attempt is given at least this, if it is left, so that the last of many does not fail for want of a
 * moment.
 */
const ATTEMPT_MS_MIN = 250;
/**
 * One hung node takes at most a third of what is left, if there are others; more shares would cut short the
 * slow but sound.
 */
const SHARES_MAX = 3;

/** The same request would be refused anywhere and at any time. */
const FINAL: readonly Reason[] = [
  'BAD_KEY',
  'BAD_VALUE',
  'BAD_CONTEXT',
  'BAD_QUORUM',
  'TOO_MANY_SIBLINGS',
  'RECORD_TOO_LARGE',
];

/** The request itself is to blame, not the node. */
export function isFinal({ reason }: ShoalError): boolean {
  return FINAL.includes(reason);
}

/** Whether a call that failed so may be tried again. Its own cancellation is not asked about here. */
export function mayRepeat(error: ShoalError, { repeatable }: { readonly repeatable: boolean }): boolean {
  if (isFinal(error)) return false;
  return repeatable || error.outcome === 'not applied';
}

export interface Tries {
  /** Made so far in this call. */
  readonly attempts: number;
  readonly nodes: number;
}

/**
 * How long to wait before the next attempt: not at all while there are nodes that were not asked yet, unless
 * the last one was overloaded (running on to the next spreads it); then twice as long with each round, with
 * jitter.
 * @param fraction random, in [0, 1)
 */
export function pauseMs(last: Reason, { attempts, nodes }: Tries, fraction: number): number {
  const rounds = Math.floor(attempts / nodes) + (last === 'OVERLOADED' ? 1 : 0);
  if (rounds === 0) return 0;
  return jittered(Math.min(PAUSE_MS_FIRST * 2 ** (rounds - 1), PAUSE_MS_MAX), fraction);
}

/**
 * How long `update` waits after this round (from 1) found others writing: so long that two of them fall out
 * of step.
 */
export function roundPauseMs(round: number, fraction: number): number {
  return jittered(Math.min(ROUND_MS_FIRST * 2 ** (round - 1), ROUND_MS_MAX), fraction);
}

/** Between half and all of it. */
function jittered(ms: number, fraction: number): number {
  return (ms * (1 + fraction)) / 2;
}

/** How long the next attempt may take: an equal share for each node that was not asked yet in this call. */
export function attemptMs({
  restMs,
  unasked,
}: {
  readonly restMs: number;
  readonly unasked: number;
}): number {
  const shares = Math.min(Math.max(unasked, 1), SHARES_MAX);
  return Math.min(restMs, Math.max(restMs / shares, ATTEMPT_MS_MIN));
}
