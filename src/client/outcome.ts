/**
 * What to tell the caller of a call that failed several times: the last failure, but never `not applied` when an earlier attempt
 * may have been. 1. A put through a times out, outcome unknown; 2. b refuses it, "not applied"; 3. a was slow, not dead: the write appears.
 * "Not applied" was the truth about b's attempt and would be a lie about the call.
 */
import { ShoalError } from '../base/errors.ts';

export function callFailure(failures: readonly ShoalError[]): ShoalError {
  const last = failures.at(-1)!;
  const doubtful = failures.some(failure => failure.outcome === 'unknown');
  if (!doubtful || last.outcome === 'unknown') return last;
  return doubt(
    `an earlier attempt may have been applied; the last one: ${last.reason}: ${last.detail}`,
    last,
  );
}

/** The caller's own signal ended the call. */
export function callCancelled(failures: readonly ShoalError[]): ShoalError {
  const doubtful = failures.some(failure => failure.outcome === 'unknown');
  return new ShoalError('CANCELLED', 'cancelled by the caller', {
    outcome: doubtful ? 'unknown' : 'not applied',
  });
}

function doubt(detail: string, last: ShoalError): ShoalError {
  return new ShoalError('OUTCOME_UNKNOWN', detail, { outcome: 'unknown', facts: last.facts, cause: last });
}
