/**
 * What happens to every unary call at a door, before and after its handler: room, deadline, cancelling, and an honest answer
 * to whatever goes wrong. Holds I10: no call without a deadline, no queue without a bound, no expired work executed.
 */
import { type handleUnaryCall, Metadata, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { AssertionFailed } from '../base/assert.ts';
import { ShoalError } from '../base/errors.ts';
import type { Call } from '../ports/call.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Protos } from '../wire/protos.ts';
import { DETAILS_HEADER, PUSHBACK_HEADER, toStatus } from '../wire/status.ts';
import type { Gate } from './gate.ts';
import type { StallWatch } from './stall.ts';

/** What a door and its methods share. */
export interface Door {
  readonly protos: Protos;
  readonly clock: Clock;
  readonly log: Log;
  readonly gate: Gate;
  readonly stalls: StallWatch;
  /** Told of every {@link AssertionFailed}: a bug of ours, whose node should stop. */
  readonly onBug: (bug: AssertionFailed) => void;
}

export interface Method<I, O> {
  readonly name: string;
  /** Whether it may change something, so that its outcome can be unknown. */
  readonly write: boolean;
  /** Bytes of a value or record that the message brings. */
  readonly bytes?: (message: I) => number;
  readonly answer: (message: I, call: Call) => Promise<O> | O;
  /** For errors that travel in a form of their own; undefined for all others. */
  readonly failure?: (error: unknown) => FailedStatus | undefined;
}

export interface FailedStatus {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

/** A call without a deadline gets this one (TRAPS G1). */
const BUDGET_MS_DEFAULT = 10_000;
/** Nobody waits longer; a later deadline is taken for this one. */
const BUDGET_MS_MAX = 60_000;
/**
 * Kept back from the budget for the way of the answer. Without it, what went wrong and whether the write is in arrives just
 * after the client has given up, and all it ever learns is that its deadline passed.
 */
const ANSWER_SHARE = 0.1;
const ANSWER_MS_MAX = 50;

export function unary<I, O>(door: Door, method: Method<I, O>): handleUnaryCall<I, O> {
  return (grpcCall, callback) => {
    void serve(door, method, { grpcCall, callback });
  };
}

interface Arrived<I, O> {
  readonly grpcCall: ServerUnaryCall<I, O>;
  readonly callback: sendUnaryData<O>;
}

/** Never rejects: whatever goes wrong is the answer. */
async function serve<I, O>(
  door: Door,
  method: Method<I, O>,
  { grpcCall, callback }: Arrived<I, O>,
): Promise<void> {
  try {
    callback(null, await admitted(door, method, grpcCall));
  } catch (error) {
    callback(method.failure?.(error) ?? failedStatus(toShoalError(error, { door, method }), door));
  }
}

async function admitted<I, O>(door: Door, method: Method<I, O>, grpcCall: ServerUnaryCall<I, O>): Promise<O> {
  const bytes = method.bytes?.(grpcCall.request) ?? 0;
  door.gate.enter(bytes);
  try {
    return await method.answer(grpcCall.request, openCall(grpcCall, door));
  } finally {
    door.gate.leave(bytes);
  }
}

/** @throws ShoalError EXPIRED, CANCELLED when nobody waits for the answer any more */
function openCall(grpcCall: ServerUnaryCall<unknown, unknown>, { clock, stalls }: Door): Call {
  if (grpcCall.cancelled) throw new ShoalError('CANCELLED', 'the client went away');
  const budgetMs = budgetOf(grpcCall.getDeadline(), stalls.age());
  if (budgetMs <= 0) throw new ShoalError('EXPIRED', 'the deadline had passed when the request arrived');
  const call: Call = { deadline: clock.now() + budgetMs, cancelled: false };
  grpcCall.once('cancelled', () => {
    call.cancelled = true;
  });
  return call;
}

/**
 * Milliseconds from now to a deadline as grpc-js gives it: by the wall clock, counted from when the call was read. The time
 * that it may have waited to be read comes off it.
 */
function budgetOf(deadline: Date | number, ageMs: number): number {
  if (deadline === Number.POSITIVE_INFINITY) return BUDGET_MS_DEFAULT - ageMs;
  const left = Math.min(Number(deadline) - Date.now() - ageMs, BUDGET_MS_MAX);
  return left - Math.min(left * ANSWER_SHARE, ANSWER_MS_MAX);
}

function toShoalError(
  error: unknown,
  { door, method }: { readonly door: Door; readonly method: Pick<Method<never, never>, 'name' | 'write'> },
): ShoalError {
  if (error instanceof ShoalError) return error;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  door.log.error('a request failed in a way nobody foresaw', { method: method.name, stack });
  if (error instanceof AssertionFailed) door.onBug(error);
  const outcome = method.write ? 'unknown' : 'not applied';
  return new ShoalError('INTERNAL', 'a defect of this node, described in its log', { outcome });
}

function failedStatus(error: ShoalError, { protos }: Pick<Door, 'protos'>): FailedStatus {
  const { code, message, details, pushbackMs } = toStatus(error, protos);
  const metadata = new Metadata();
  metadata.set(DETAILS_HEADER, details);
  if (pushbackMs !== undefined) metadata.set(PUSHBACK_HEADER, String(pushbackMs));
  return { code, details: message, metadata };
}
