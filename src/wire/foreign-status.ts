/**
 * What a failed call means when no Shoal node said it: the gRPC library, the network or a proxy did. A write is *unknown* unless
 * it provably never left or was turned away at the door; a read has no outcome to be unknown.
 */
import { type Reason, ShoalError } from '../base/errors.ts';
import { neverLeft } from './never-left.ts';

const CANCELLED = 1;
/** The other side does not serve this method, or not to us: it did not run. */
const TURNED_AWAY: readonly number[] = [7, 12, 16];

const READ_REASONS: ReadonlyMap<number, Reason> = new Map([
  [CANCELLED, 'CANCELLED'],
  [4, 'EXPIRED'],
  [14, 'UNREACHABLE'],
]);

export function foreignError(
  status: { readonly code: number; readonly message: string },
  { write }: { readonly write: boolean },
): ShoalError {
  const { code, message } = status;
  const detail = message === '' ? `the call failed with gRPC status ${code}` : message;
  if (TURNED_AWAY.includes(code)) {
    return new ShoalError('UNREACHABLE', `what listens there does not serve this call (${detail})`);
  }
  if (neverLeft(status)) return new ShoalError(code === 4 && !write ? 'EXPIRED' : 'UNREACHABLE', detail);
  if (!write) return new ShoalError(READ_REASONS.get(code) ?? 'INTERNAL', detail);
  return new ShoalError(code === CANCELLED ? 'CANCELLED' : 'OUTCOME_UNKNOWN', detail, { outcome: 'unknown' });
}
