/** What all parts of one client share, and how the options of a call become its terms. */
import type { Protos } from '../wire/protos.ts';
import type { Caller, CallTerms } from './caller.ts';
import { checkDeadline } from './checks.ts';
import type { CallOptions } from './options.ts';
import type { Surroundings } from './surroundings.ts';

export interface Session {
  readonly caller: Caller;
  readonly protos: Protos;
  readonly surroundings: Surroundings;
  /** Of calls that name none. */
  readonly deadlineMs: number;
}

/** What kind of call it is, for whether it may be tried again (retry.ts). */
export type Kind = Pick<CallTerms, 'write' | 'repeatable'>;

export const READ: Kind = { write: false, repeatable: true };
/** Named by a write id or by what its context has seen: a repeat is the same write. */
export const REPEATABLE_WRITE: Kind = { write: true, repeatable: true };
/** "Whatever is there" may be something else the second time. */
export const SINGLE_WRITE: Kind = { write: true, repeatable: false };

export function termsOf(session: Session, options: CallOptions, kind: Kind): CallTerms {
  const deadlineMs = checkDeadline(options.deadlineMs ?? session.deadlineMs);
  return { ...kind, deadlineMs, signal: options.signal };
}
