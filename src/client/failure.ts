/** What a link says of a request that got no reply, as an error of the SDK. */
import { type Reason, ShoalError } from '../base/errors.ts';
import type { Because, Ending, Refusal } from '../link/asking.ts';
import type { StreamEnd } from '../link/lasting-link.ts';
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
  /** This process would not send it, for reasons of its own: that says nothing of the node. */
  readonly local: boolean;
}

const UNAVAILABLE = 14;

interface Asked {
  /** A put or a delete: it may have been applied though its answer is missing. */
  readonly write: boolean;
  readonly messages: Messages;
}

export function failureIn(ending: Ending, { write, messages }: Asked): AttemptFailure {
  if ('why' in ending) return ending.kind === 'lost' ? lost(ending, write) : unsent(ending);
  const failure = decoded(messages.failure, ending.body);
  if (failure === undefined) return unreadable(write);
  return {
    error: fromFailure(failure, { write }),
    pushbackMs: pushbackOf(failure),
    sent: true,
    local: false,
  };
}

export function notSent(why: string): AttemptFailure {
  const error = foreignError({ code: UNAVAILABLE, message: why }, { write: false });
  return { error, pushbackMs: undefined, sent: false, local: false };
}

/** There was no time to send it: that says nothing of the node. */
export function tooLate(why: string): AttemptFailure {
  return { error: new ShoalError('EXPIRED', why), pushbackMs: undefined, sent: false, local: true };
}

function unsent({ because, why }: { readonly because: Because; readonly why: string }): AttemptFailure {
  return because === 'given up' ? tooLate(why) : notSent(why);
}

const REASONS: Readonly<Record<Refusal['because'], Reason>> = {
  'too much': 'OVERLOADED',
  'too large': 'BAD_VALUE',
  'given up': 'EXPIRED',
  'not reachable': 'UNREACHABLE',
};

/** The link did not take it. */
export function notTaken({ because, why }: Refusal): AttemptFailure {
  if (because === 'not reachable') return notSent(why);
  return { error: new ShoalError(REASONS[because], why), pushbackMs: undefined, sent: false, local: true };
}

/** The node itself would not have the stream that this was to go over. */
export function turnedAway(
  { status: code, why: message, details }: StreamEnd,
  called: Called,
): AttemptFailure {
  const error = fromStatus({ code, message, details }, called);
  return { error, pushbackMs: undefined, sent: false, local: false };
}

/** It answered something that is no answer: what it did, nobody knows. */
export function unreadable(write: boolean): AttemptFailure {
  const error = write
    ? new ShoalError('OUTCOME_UNKNOWN', 'its answer cannot be read', { outcome: 'unknown' })
    : new ShoalError('INTERNAL', 'its answer cannot be read');
  return { error, pushbackMs: undefined, sent: true, local: false };
}

function lost(
  { because, why }: { readonly because: Because; readonly why: string },
  write: boolean,
): AttemptFailure {
  const error = write
    ? new ShoalError('OUTCOME_UNKNOWN', why, { outcome: 'unknown' })
    : new ShoalError(because === 'given up' ? 'EXPIRED' : 'UNREACHABLE', why);
  return { error, pushbackMs: undefined, sent: true, local: false };
}
