/**
 * The calls of one client: attempts, at one node after the other, until one answers or there is no sense in
 * another. Which node is decided by the pure standing.ts, what follows a failure by next-step.ts, what of it
 * is too much by retry-budget.ts; this is their sequence.
 *
 * In the common case a call is one request: one promise, no timer, no signal.
 */
import { ShoalError } from '../base/errors.ts';
import { CallerWatch } from './caller-watch.ts';
import { Course, type CourseAttempt, type Order, type Steps } from './course.ts';
import type { AttemptFailure } from './failure.ts';
import { Hedges } from './hedges.ts';
import type { KnownNode } from './known-node.ts';
import { type Failed, nextStep } from './next-step.ts';
import type { Nodes } from './nodes.ts';
import { OpenCalls } from './open-calls.ts';
import { callCancelled, closedTooLong, noRoom, tooMany } from './outcome.ts';
import { attemptMs, isFinal } from './retry.ts';
import { RetryBudget } from './retry-budget.ts';
import { choose, closedMs, isWell } from './standing.ts';
import type { Surroundings } from './surroundings.ts';
import { Waiting } from './waiting.ts';

/** What goes on beside the calls, for as long as there are any. */
export interface Background {
  /** A call begins. */
  begun(): void;
  /** Now and then. */
  look(now: number): void;
  /** A node could not be asked, or did not answer. */
  failed(now: number): void;
  close(): void;
}

export interface CallerParts {
  readonly nodes: Nodes;
  readonly surroundings: Surroundings;
  readonly background: Background;
}

export class Caller implements Steps {
  readonly #nodes: Nodes;
  readonly #world: Surroundings;
  readonly #background: Background;
  readonly #budget: RetryBudget;
  readonly #waiting = new Waiting();
  readonly #hedges = new Hedges();
  readonly #open = new OpenCalls();
  readonly #watch: CallerWatch;
  #closed = false;
  #closing: Promise<void> | undefined;

  constructor({ nodes, surroundings, background }: CallerParts) {
    this.#nodes = nodes;
    this.#world = surroundings;
    this.#background = background;
    this.#budget = new RetryBudget(surroundings.now());
    this.#watch = new CallerWatch({ surroundings, look: now => this.#look(now), rest: () => nodes.rest() });
  }

  /** Rejects with ShoalError and with nothing else. */
  call<Result>(order: Order<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(new ShoalError('CANCELLED', 'the client is closed'));
    if (order.signal?.aborted) return Promise.reject(callCancelled([], { sent: false }));
    if (this.#open.full) return Promise.reject(tooMany(this.#open.size));
    return new Promise<Result>((resolve, reject) => {
      const now = this.#world.now();
      const partition = order.key && this.#nodes.partitionOf(order.key);
      this.#begin(new Course(order, { steps: this, partition, now }, { resolve, reject }), now);
    });
  }

  /** Takes no more calls, waits for those under way (each has its deadline), then closes the connections. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  answered(attempt: CourseAttempt, body: Uint8Array): void {
    const { course, node } = attempt;
    this.#over(attempt);
    node.answered(attempt);
    this.#nodes.prefer(node);
    course.show(body);
    if (this.#waiting.size > 0 && !node.full(0)) this.#admit();
  }

  failed(attempt: CourseAttempt, failure: AttemptFailure): void {
    this.#over(attempt);
    if (!attempt.cancelled) this.#wentWrong(attempt, failure);
    if (this.#waiting.size > 0) this.#admit();
  }

  done(course: Course): void {
    this.#waiting.delete(course);
    this.#open.delete(course);
  }

  async #close(): Promise<void> {
    this.#closed = true;
    this.#background.close();
    await this.#open.ended();
    this.#nodes.close();
  }

  #begin(course: Course, now: number): void {
    this.#open.add(course);
    this.#budget.earn();
    this.#background.begun();
    this.#proceed(course, now);
    if (this.#open.size > 0) this.#watch.begun();
  }

  /** The next attempt, now or when there is room for it. */
  #proceed(course: Course, now: number): void {
    if (course.done || this.#place(course, now) || this.#waiting.add(course)) return;
    this.#cannotRepeat(course, [tooMany(this.#waiting.size)]);
  }

  /** @returns false when there is no room for it */
  #place(course: Course, now: number): boolean {
    const node = this.#choose(course, now);
    const waitMs = closedMs(node.standing, now);
    if (waitMs === 0 && !node.full(course.bodyBytes)) this.#ask(course, node, now);
    else if (waitMs === 0 || this.#waiting.has(course)) return false;
    else this.#closedFor(waitMs, { course, node, now });
    return true;
  }

  #choose(course: Course, now: number): KnownNode {
    const { write, bodyBytes, asked, partition } = course;
    const { all } = this.#nodes;
    const owners = this.#nodes.ownersOf(partition);
    return choose({ now, write, bodyBytes, asked, owners, all, first: this.#nodes.first(partition, write) });
  }

  /**
   * Every node has asked not to be asked. A call that has not begun is refused: to wait would be to come back
   * all at once (TRAPS O3).
   */
  #closedFor(waitMs: number, at: { course: Course; node: KnownNode; now: number }): void {
    const { course, node, now } = at;
    const isNew = course.failures.length === 0;
    if (!(isNew && node.standing.overloaded) && now + waitMs < course.deadline) this.#pause(course, waitMs);
    else if (isNew) course.reject(closedTooLong(waitMs));
    else this.#cannotRepeat(course);
  }

  /**
   * It waits no longer, whatever comes of it: 1. a waiting call is refused on the spot; 2. it is to wait for
   * another node, and is added to those that wait; 3. taken from them only now, it would be nowhere, and
   * nobody would ever end it.
   */
  #ask(course: Course, node: KnownNode, now: number): void {
    this.#waiting.delete(course);
    const restMs = Math.max(1, course.deadline - now);
    const unasked = this.#nodes.all.length - course.asked.length;
    const attempt = course.attempt(node, { askedAt: now, deadline: now + attemptMs({ restMs, unasked }) });
    const refusal = node.ask(attempt);
    if (refusal !== undefined) {
      course.over(attempt);
      this.#wentWrong(attempt, refusal);
    } else this.#hedges.add(attempt);
  }

  #over(attempt: CourseAttempt): void {
    const { course, node } = attempt;
    node.over(attempt);
    course.over(attempt);
    this.#hedges.delete(attempt);
    if (attempt.sampled) node.took(this.#world.now() - attempt.askedAt);
  }

  /** Another attempt, or the end of it. */
  #wentWrong({ course, node }: CourseAttempt, failure: AttemptFailure): void {
    const { error, sent, local } = failure;
    const now = this.#world.now();
    course.failures.push(error);
    if (!local && !isFinal(error)) {
      node.failed(failure, now);
      this.#background.failed(now);
    }
    const step = nextStep(this.#failed(course, failure, now));
    if (step === 'other') return;
    if (step === 'give up') course.fail();
    else if (sent && !this.#budget.spend(now)) this.#cannotRepeat(course);
    else if (step === 0) this.#proceed(course, now);
    else this.#pause(course, step);
  }

  /** One that is silent may answer in time all the same. */
  #cannotRepeat(course: Course, why: readonly ShoalError[] = []): void {
    if (course.underWay.length === 0) course.fail(why);
  }

  #failed(course: Course, failure: AttemptFailure, now: number): Failed {
    return {
      failure,
      repeatable: course.order.repeatable,
      other: this.#otherOf(course, now),
      attempts: course.failures.length,
      nodes: this.#nodes.all.length,
      leftMs: course.deadline - now,
      closedMs: closedMs(this.#choose(course, now).standing, now),
      fraction: this.#world.fraction(),
    };
  }

  /** A node that did not answer of late, or refused, may yet; but nobody is to wait for that. */
  #otherOf(course: Course, now: number): Failed['other'] {
    const { underWay, pausing } = course;
    if (pausing || this.#waiting.has(course)) return 'to come';
    if (underWay.length === 0) return 'none';
    return underWay.some(({ node }) => node.standing.avoidUntil <= now) ? 'under way' : 'silent';
  }

  #pause(course: Course, ms: number): void {
    course.pausing = true;
    this.#world
      .sleep(ms, course.order.signal)
      .then(() => this.#resume(course))
      .catch((bug: Error) => course.reject(bug));
  }

  #resume(course: Course): void {
    course.pausing = false;
    this.#proceed(course, this.#world.now());
  }

  #admit(): void {
    const now = this.#world.now();
    this.#waiting.admit(course => this.#place(course, now));
  }

  /** @returns whether there are calls yet */
  #look(now: number): boolean {
    for (const node of this.#nodes.all) this.#lookAt(node, now);
    for (const course of this.#waiting.expired(now)) this.#expired(course, now);
    for (const read of this.#hedges.slow(now)) this.#hedge(read, now);
    this.#admit();
    this.#background.look(now);
    return this.#open.size > 0;
  }

  #expired(course: Course, now: number): void {
    if (course.failures.length === 0) course.reject(noRoom(course, now));
    else course.fail();
  }

  /** Whoever waits for a node that answers nobody is not left to wait for it alone. */
  #lookAt(node: KnownNode, now: number): void {
    if (!node.look(now)) return;
    node.wasSilent(now);
    this.#background.failed(now);
    for (const attempt of this.#hedges.at(node)) this.#goBeyond(attempt, now);
  }

  #goBeyond(attempt: CourseAttempt, now: number): void {
    const { course } = attempt;
    const node = this.#better(course, now);
    if (node === undefined || !this.#budget.spendOnSilence(now)) return;
    this.#hedges.delete(attempt);
    this.#ask(course, node, now);
  }

  #hedge({ course }: CourseAttempt, now: number): void {
    if (course.underWay.length !== 1) return;
    const node = this.#better(course, now);
    if (node !== undefined && this.#budget.spendOnHedge(now)) this.#ask(course, node, now);
  }

  /** For one attempt more, beside: a node that is well and was not asked. */
  #better(course: Course, now: number): KnownNode | undefined {
    if (course.done || course.pausing) return undefined;
    const node = this.#choose(course, now);
    const isBetter = isWell(node, now) && !node.full(course.bodyBytes) && !course.asked.includes(node);
    return isBetter ? node : undefined;
  }
}
