/**
 * One call from its beginning to its end: what it asks, whom it has asked, what they said. Its steps are
 * decided in caller.ts.
 */
import { ShoalError } from '../base/errors.ts';
import { Attempt } from './attempt.ts';
import { type AttemptFailure, unreadable } from './failure.ts';
import type { KnownNode } from './known-node.ts';
import { callCancelled, callFailure } from './outcome.ts';
import type { Question } from './question.ts';
import type { KeyName } from './shown.ts';

export interface Order<Result> {
  readonly question: Question;
  /** Whose owners are to be asked; undefined when any node will do. */
  readonly key: KeyName | undefined;
  /** For the whole call, all attempts and pauses included; milliseconds. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
  /** Whether it may be sent again though it may have been applied (retry.ts says when that is). */
  readonly repeatable: boolean;
  /**
   * The answer as the program gets it. Throws ShoalError when it means nothing to this version, anything else
   * when it is no answer.
   */
  readonly show: (body: Uint8Array) => Result;
}

/** Who goes on when an attempt is over, or the call. */
export interface Steps {
  answered(attempt: CourseAttempt, body: Uint8Array): void;
  failed(attempt: CourseAttempt, failure: AttemptFailure): void;
  done(course: Course): void;
}

export class CourseAttempt extends Attempt {
  readonly course: Course;
  readonly node: KnownNode;

  constructor(course: Course, node: KnownNode, at: Pick<Attempt, 'askedAt' | 'deadline'>) {
    super(course.order.question, at);
    this.course = course;
    this.node = node;
  }

  reply(body: Uint8Array): void {
    this.course.steps.answered(this, body);
  }

  fail(failure: AttemptFailure): void {
    this.course.steps.failed(this, failure);
  }
}

interface Promised {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

interface Begun {
  readonly steps: Steps;
  /** Of the key; undefined when it has none, or nobody knows yet how many there are. */
  readonly partition: number | undefined;
  readonly now: number;
}

export class Course {
  readonly order: Order<unknown>;
  readonly steps: Steps;
  readonly partition: number | undefined;
  readonly begunAt: number;
  readonly deadline: number;
  /** One entry for each attempt. */
  readonly asked: KnownNode[] = [];
  readonly underWay: CourseAttempt[] = [];
  readonly failures: ShoalError[] = [];
  done = false;
  /** Until its next attempt, which is to be one: two may fail in one moment. */
  pausing = false;
  readonly #promised: Promised;

  constructor(order: Order<unknown>, { steps, partition, now }: Begun, promised: Promised) {
    this.order = order;
    this.steps = steps;
    this.partition = partition;
    this.begunAt = now;
    this.deadline = now + order.deadlineMs;
    this.#promised = promised;
  }

  get bodyBytes(): number {
    return this.order.question.body.byteLength;
  }

  get write(): boolean {
    return this.order.question.write;
  }

  attempt(node: KnownNode, at: Pick<Attempt, 'askedAt' | 'deadline'>): CourseAttempt {
    const attempt = new CourseAttempt(this, node, at);
    this.asked.push(node);
    this.underWay.push(attempt);
    return attempt;
  }

  over(attempt: CourseAttempt): void {
    const at = this.underWay.indexOf(attempt);
    if (at >= 0) this.underWay.splice(at, 1);
  }

  /** Ends with this answer; the first one counts. */
  show(body: Uint8Array): void {
    if (this.done) return;
    try {
      const result = this.order.show(body);
      this.#end();
      this.#promised.resolve(result as never);
    } catch (cause) {
      this.reject(cause instanceof ShoalError ? cause : unreadable(this.write).error);
    }
  }

  reject(error: Error): void {
    if (this.done) return;
    this.#end();
    this.#promised.reject(error);
  }

  /** Another attempt makes no sense, or cannot be made. @param why if that is no failure of an attempt */
  fail(why: readonly ShoalError[] = []): void {
    this.reject(callFailure([...this.failures, ...why], { sent: this.#isWriteUnderWay }));
  }

  /** By the program's own signal. */
  abort(): void {
    this.reject(callCancelled(this.failures, { sent: this.#isWriteUnderWay }));
  }

  get #isWriteUnderWay(): boolean {
    return this.write && this.underWay.length > 0;
  }

  /** What is still under way is given up: it was one of two, or nobody waits any more. */
  #end(): void {
    this.done = true;
    for (const attempt of this.underWay) attempt.cancel();
    this.steps.done(this);
  }
}
