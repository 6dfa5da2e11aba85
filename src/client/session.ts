/** What all parts of one client share, and how the options of a call become an order. */
import type { Protos } from '../wire/protos.ts';
import type { Caller } from './caller.ts';
import type { Method } from './channel.ts';
import { checkDeadline } from './checks.ts';
import type { CallOptions } from './options.ts';
import type { KeyName } from './shown.ts';
import type { Surroundings } from './surroundings.ts';

export interface Session {
  readonly caller: Caller;
  readonly protos: Protos;
  readonly surroundings: Surroundings;
  /** Of calls that name none. */
  readonly deadlineMs: number;
}

/** What kind of call it is, for whether it may be tried again (retry.ts). */
export interface Kind {
  readonly write: boolean;
  readonly repeatable: boolean;
}

export const READ: Kind = { write: false, repeatable: true };
/** Named by a write id or by what its context has seen: a repeat is the same write. */
export const REPEATABLE_WRITE: Kind = { write: true, repeatable: true };
/** "Whatever is there" may be something else the second time. */
export const SINGLE_WRITE: Kind = { write: true, repeatable: false };

export interface Ask<Request, Reply, Result> {
  readonly method: Method<Request, Reply>;
  /** On a pipeline; undefined when it is not carried there. */
  readonly number: number | undefined;
  readonly request: Request;
  /** Whose owners are to be asked. */
  readonly key: KeyName | undefined;
  readonly kind: Kind;
  readonly options: CallOptions;
  readonly show: (reply: Reply) => Result;
}

export function send<Request, Reply, Result>(
  session: Session,
  ask: Ask<Request, Reply, Result>,
): Promise<Result> {
  const { method, number, request, key, kind, options, show } = ask;
  const deadlineMs = checkDeadline(options.deadlineMs ?? session.deadlineMs);
  const { messages } = session.protos;
  return session.caller.call({
    question: {
      path: method.path,
      number,
      body: method.requestSerialize(request),
      write: kind.write,
      messages,
    },
    key,
    deadlineMs,
    signal: options.signal,
    repeatable: kind.repeatable,
    show: body => show(method.responseDeserialize(body as never)),
  });
}
