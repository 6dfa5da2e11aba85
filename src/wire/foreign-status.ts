/**
 * What a failed call means when no Shoal node said it: the gRPC library, the network or a proxy did. A write
 * is *unknown* unless it provably never left or was turned away at the door; a read has no outcome to be
 * unknown.
 */
import { type Reason, ShoalError } from '../base/errors.ts';
import { neverLeft } from './never-left.ts';

const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const UNAVAILABLE = 14;
/** The other side does not serve this method, or not to us: it did not run. */
const TURNED_AWAY: readonly number[] = [7, 12, 16];
/** What grpc-js puts behind a refused connection when it has nothing to note. */
const EMPTY_NOTE = /\. Resolution note: *$/;
/**
 * The words of grpc-js when a deadline passes; behind them come its own parts and how long each of them took.
 */
const DEADLINE_PASSED = /^Deadline exceeded after\b/;

interface ForeignStatus {
  readonly code: number;
  readonly message: string;
}

export function foreignError(status: ForeignStatus, { write }: { readonly write: boolean }): ShoalError {
  const { code } = status;
  const detail = detailOf(status);
  if (TURNED_AWAY.includes(code)) {
    return new ShoalError('UNREACHABLE', `what listens there does not serve this call (${detail})`);
  }
  if (!write) return new ShoalError(readReason(status), detail);
  if (neverLeft(status)) return new ShoalError('UNREACHABLE', detail);
  const reason = cancelledHere(status) ? 'CANCELLED' : 'OUTCOME_UNKNOWN';
  return new ShoalError(reason, detail, { outcome: 'unknown' });
}

function detailOf(status: ForeignStatus): string {
  const { code, message } = status;
  const deadlinePassed = code === DEADLINE_EXCEEDED && DEADLINE_PASSED.test(message);
  if (deadlinePassed) return neverLeft(status) ? 'no connection in time' : 'no answer in time';
  return message.replace(EMPTY_NOTE, '') || `the call failed with gRPC status ${code}`;
}

function readReason(status: ForeignStatus): Reason {
  if (cancelledHere(status)) return 'CANCELLED';
  if (status.code === DEADLINE_EXCEEDED) return 'EXPIRED';
  return status.code === UNAVAILABLE || status.code === CANCELLED ? 'UNREACHABLE' : 'INTERNAL';
}

/**
 * A server that shuts down ends its calls as cancelled, too; these are the words of grpc-js for a call that
 * its caller ended.
 */
function cancelledHere({ code, message }: ForeignStatus): boolean {
  return code === CANCELLED && message === 'Cancelled on client';
}
