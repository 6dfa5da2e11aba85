/**
 * A request to one node: at once what a link asks for and the flag by which it is given up. One object for
 * each request, and no closures.
 */
import type { Asking, Ending } from '../link/asking.ts';
import { type AttemptFailure, failureIn } from './failure.ts';
import type { Question } from './question.ts';

export abstract class Attempt implements Asking {
  readonly question: Question;
  readonly askedAt: number;
  readonly deadline: number;
  readonly bulk = false;
  cancelled = false;
  /** Set by a way to the node that would not look at the flag by itself. */
  onCancelled: (() => void) | undefined = undefined;
  /** Set by a way to the node that has another way for what was not sent. */
  onNotSent: ((attempt: Attempt, why: string) => void) | undefined = undefined;
  /** Only some are measured: what is estimated from them needs no more. */
  sampled = false;

  constructor(question: Question, { askedAt, deadline }: Pick<Attempt, 'askedAt' | 'deadline'>) {
    this.question = question;
    this.askedAt = askedAt;
    this.deadline = deadline;
  }

  get method(): number {
    return this.question.number ?? 0;
  }

  get body(): Uint8Array {
    return this.question.body;
  }

  get call(): this {
    return this;
  }

  /** From a link. */
  settle(ending: Ending): void {
    if (ending.kind === 'reply') this.reply(ending.body);
    else if (ending.kind === 'not sent' && this.onNotSent) this.onNotSent(this, ending.why);
    else this.fail(failureIn(ending, this.question));
  }

  /** Of this and `fail` one is called, once. */
  abstract reply(body: Uint8Array): void;
  abstract fail(failure: AttemptFailure): void;

  /** Nobody waits for its answer any more. */
  cancel(): void {
    this.cancelled = true;
    this.onCancelled?.();
  }
}
