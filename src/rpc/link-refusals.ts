/**
 * What is answered on a stream in a method's stead, in the form in which the method's errors travel: a
 * replica that is told of no kind of its own takes what it is told for a lost answer. Written down once for
 * each method.
 *
 * An answer that cannot be sent is one of work that is done: of a write nobody knows by that whether it is in
 * (DESIGN §9). What is too large for any frame is so at the next try, too; what only found no room behind
 * others is not.
 */
import { ShoalError } from '../base/errors.ts';
import type { Unanswered } from '../link/answering-link.ts';
import type { Messages } from '../wire/messages.ts';
import { failureOf } from '../wire/status.ts';
import type { Carriage } from './answering.ts';

export interface LinkRefusalsOptions {
  readonly carriages: ReadonlyMap<number, Carriage>;
  readonly messages: Messages;
}

type Told = Pick<Carriage['method'], 'write' | 'failure'>;
type Refusals = Readonly<Record<Unanswered, Uint8Array>>;

/** Of a method that nobody knows; nothing of it is ever done. */
const UNKNOWN: Told = { write: false };

export function linkRefusals(options: LinkRefusalsOptions): (why: Unanswered, method: number) => Uint8Array {
  const of = (told: Told) => refusalsOf(told, options.messages);
  const known = new Map([...options.carriages].map(([number, { method }]) => [number, of(method)]));
  const unknown = of(UNKNOWN);
  return (why, method) => (known.get(method) ?? unknown)[why];
}

function refusalsOf({ write, failure }: Told, messages: Messages): Refusals {
  const encoded = (error: ShoalError) => messages.failure.encode(failure?.(error) ?? failureOf(error));
  const undecided = encoded(
    new ShoalError('OUTCOME_UNKNOWN', 'it was done or not, and what came of it cannot be sent', {
      outcome: 'unknown',
    }),
  );
  const tooLarge = new ShoalError('RECORD_TOO_LARGE', 'the answer is too large to be sent');
  const noRoom = new ShoalError('OVERLOADED', 'too many answers wait to be read on this stream');
  const tooMany = new ShoalError('OVERLOADED', 'too much is under way on this stream; wait for its answers');
  return {
    'too many': encoded(tooMany),
    'too large': write ? undecided : encoded(tooLarge),
    'no room': write ? undecided : encoded(noRoom),
  };
}
