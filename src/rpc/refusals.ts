/**
 * Why a call is not begun, in the words its caller gets. All of them are *not applied*: nobody has even read
 * the message.
 */
import { ShoalError } from '../base/errors.ts';
import { type Failure, failureOf } from '../wire/status.ts';
import type { Refusal } from './work.ts';

interface Told {
  readonly error: ShoalError;
  /** Among the metrics. */
  readonly counter: string;
}

export const REFUSALS: Readonly<Record<Refusal, Told>> = {
  OVERLOADED: told('OVERLOADED', 'this node has more to do than it can; try again soon, or another one'),
  DRAINING: told('DRAINING', 'this node is shutting down; ask another one'),
  EXPIRED: told('EXPIRED', 'the deadline had passed before it was begun'),
  CANCELLED: told('CANCELLED', 'the client went away'),
};

/** What of a method it takes to refuse it. */
interface Refusable {
  readonly failure?: (error: unknown) => Failure | undefined;
}

/** In the form in which the method's errors travel. */
export function refusalOf(method: Refusable, why: Refusal): Failure {
  const { error } = REFUSALS[why];
  return method.failure?.(error) ?? failureOf(error);
}

function told(why: Refusal, detail: string): Told {
  return { error: new ShoalError(why, detail), counter: `request.${why.toLowerCase()}` };
}
