/** What a link says of a request that got no reply, as an error of the SDK. */
import { ShoalError } from '../base/errors.ts';
import type { Ending } from '../link/asking.ts';
import type { DuplexEnd } from '../ports/duplex.ts';
import { foreignError } from '../wire/foreign-status.ts';
import { decoded, type Messages } from '../wire/messages.ts';
import { type Called, fromFailure, fromStatus, pushbackOf } from '../wire/status.ts';

/** One attempt failed. */
export interface AttemptFailure {
  readonly error: ShoalError;
  /** The node asks not to be asked again for this long; negative: not to be asked again in this call. */
  readonly pushbackMs: number | undefined;
  /** Something left this process: somebody had to bear it. */
  readonly sent: boolean;
}

const UNAVAILABLE = 14;

interface Asked {
  /** A put or a delete: it may have been applied though its answer is missing. */
  readonly write: boolean;
  readonly messages: Messages;
}

export function failureIn(ending: Ending, { write, messages }: Asked): AttemptFailure {
  if ('why' in ending) return ending.kind === 'not sent' ? notSent(ending.why) : lost(ending.why, write);
  const failure = decoded(messages.failure, ending.body);
  if (failure === undefined) return unreadable(write);
  return { error: fromFailure(failure, { write }), pushbackMs: pushbackOf(failure), sent: true };
}

export function notSent(why: string): AttemptFailure {
  const error = foreignError({ code: UNAVAILABLE, message: why }, { write: false });
  return { error, pushbackMs: undefined, sent: false };
}

/** The node itself would not have the stream that this was to go over. */
export function turnedAway(
  { status: code, why: message, details }: DuplexEnd,
  called: Called,
): AttemptFailure {
  const error = fromStatus({ code, message, details }, called);
  return { error, pushbackMs: undefined, sent: false };
}

/** It answered something that is no answer: what it did, nobody knows. */
export function unreadable(write: boolean): AttemptFailure {
  const error = write
    ? new ShoalError('OUTCOME_UNKNOWN', 'its answer cannot be read', { outcome: 'unknown' })
    : new ShoalError('INTERNAL', 'its answer cannot be read');
  return { error, pushbackMs: undefined, sent: true };
}

function lost(why: string, write: boolean): AttemptFailure {
  const error = write
    ? new ShoalError('OUTCOME_UNKNOWN', why, { outcome: 'unknown' })
    : new ShoalError('EXPIRED', why);
  return { error, pushbackMs: undefined, sent: true };
}
