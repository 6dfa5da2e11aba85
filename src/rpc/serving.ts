/**
 * What happens to every call at a door, whatever carried it there, before and after its handler: room, deadline, cancelling, and an
 * honest answer to whatever goes wrong. Holds I10: no call without a deadline, no queue without a bound, no expired work executed.
 * How a call arrives and its answer leaves is the carrier's business (unary.ts, answering.ts; the network of test/sim).
 */
import { AssertionFailed } from '../base/assert.ts';
import { ShoalError } from '../base/errors.ts';
import type { Call } from '../ports/call.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { type Failure, failureOf } from '../wire/status.ts';
import type { Gate } from './gate.ts';
import type { StallWatch } from './stall.ts';

/** What a door and its methods share. */
export interface Door {
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
  readonly failure?: (error: unknown) => Failure | undefined;
}

/** A call as a door gets it. */
export interface Arrival<I> {
  readonly message: I;
  /** How long its caller still waits; undefined when nobody said. */
  readonly budgetMs: number | undefined;
  /** Its caller has gone away already. */
  readonly cancelled: boolean;
  /** Calls back when its caller goes away. */
  readonly onCancelled: (action: () => void) => void;
}

export type Served<O> = { readonly reply: O } | { readonly failed: Failure };

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

/** Never rejects: whatever goes wrong is the answer. */
export async function serve<I, O>(door: Door, method: Method<I, O>, arrival: Arrival<I>): Promise<Served<O>> {
  try {
    return { reply: await admitted(door, method, arrival) };
  } catch (error) {
    return {
      failed: method.failure?.(error) ?? failureOf(toShoalError(error, { door, method })),
    };
  }
}

async function admitted<I, O>(door: Door, method: Method<I, O>, arrival: Arrival<I>): Promise<O> {
  const bytes = method.bytes?.(arrival.message) ?? 0;
  door.gate.enter(bytes);
  try {
    return await method.answer(arrival.message, openCall(arrival, door));
  } finally {
    door.gate.leave(bytes);
  }
}

/** @throws ShoalError EXPIRED, CANCELLED when nobody waits for the answer any more */
function openCall(arrival: Arrival<unknown>, { clock, stalls }: Door): Call {
  if (arrival.cancelled) throw new ShoalError('CANCELLED', 'the client went away');
  const budgetMs = budgetOf(arrival, stalls.age());
  if (budgetMs <= 0) throw new ShoalError('EXPIRED', 'the deadline had passed when the request arrived');
  const call: Call = { deadline: clock.now() + budgetMs, cancelled: false };
  arrival.onCancelled(() => {
    call.cancelled = true;
  });
  return call;
}

/** What is left for doing it. The time that it may have waited to be read comes off it. */
function budgetOf({ budgetMs }: Arrival<unknown>, ageMs: number): number {
  if (budgetMs === undefined) return BUDGET_MS_DEFAULT - ageMs;
  const left = Math.min(budgetMs - ageMs, BUDGET_MS_MAX);
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
