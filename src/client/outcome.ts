/**
 * What to tell the caller of a call that failed several times. Two rules:
 *
 * An answer of a node outranks silence, and silence a refused connection. 1. n1 and n2 answer that no quorum
 * can be reached; 2. n3 is the dead one, and is asked last; 3. "connection refused" would be the last
 * failure, and would say nothing of why. Among equals the last counts.
 *
 * And never `not applied` when an earlier attempt may have been. 1. A put through a times out, outcome
 * unknown; 2. b refuses it, "not applied"; 3. a was slow, not dead: the write appears. "Not applied" was the
 * truth about b's attempt and would be a lie about the call. So it is when a has not even failed yet, but is
 * silent (`sent`).
 */
import { ShoalError } from '../base/errors.ts';

export function callFailure(
  failures: readonly ShoalError[],
  { sent = false }: { readonly sent?: boolean } = {},
): ShoalError {
  const told = mostTelling(failures);
  const doubtful = sent || failures.some(failure => failure.outcome === 'unknown');
  if (!doubtful || told.outcome === 'unknown') return told;
  return doubt(
    `an earlier attempt may have been applied; the last answer: ${told.reason}: ${told.detail}`,
    told,
  );
}

/** @param failures at least one */
function mostTelling(failures: readonly ShoalError[]): ShoalError {
  return failures.reduce((best, later) => (rank(later) >= rank(best) ? later : best));
}

function rank({ reason }: ShoalError): number {
  if (reason === 'UNREACHABLE') return 0;
  return reason === 'EXPIRED' ? 1 : 2;
}

/**
 * The caller's own signal ended the call.
 * @param sent whether a write is under way
 */
export function callCancelled(
  failures: readonly ShoalError[],
  { sent }: { readonly sent: boolean },
): ShoalError {
  const doubtful = sent || failures.some(failure => failure.outcome === 'unknown');
  return new ShoalError('CANCELLED', 'cancelled by the caller', {
    outcome: doubtful ? 'unknown' : 'not applied',
  });
}

function doubt(detail: string, cause: ShoalError): ShoalError {
  return new ShoalError('OUTCOME_UNKNOWN', detail, { outcome: 'unknown', facts: cause.facts, cause });
}

/** Every node has asked not to be asked before. */
export function closedTooLong(waitMs: number): ShoalError {
  const why = `every node has asked not to be asked for another ${Math.ceil(waitMs)} ms`;
  return new ShoalError('OVERLOADED', why);
}

export function tooMany(waiting: number): ShoalError {
  const why = `${waiting} calls of this client wait already; begin fewer at once, or use getMany and putMany`;
  return new ShoalError('OVERLOADED', why);
}

interface Waited {
  readonly begunAt: number;
}

/** Its time was up while it waited for room, and it was never asked of anybody. */
export function noRoom({ begunAt }: Waited, now: number): ShoalError {
  const waited = `waited ${Math.round(now - begunAt)} ms, and was not sent`;
  return new ShoalError(
    'OVERLOADED',
    `${waited}: more calls are under way than the nodes answer in this time`,
  );
}
