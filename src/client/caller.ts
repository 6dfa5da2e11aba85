/**
 * The calls of one client: attempts, at one node after the other, until one answers or there is no sense in
 * another. Which node, how long to wait and whether at all is decided by the pure standing.ts, retry.ts and
 * retry-budget.ts; this is their sequence.
 *
 * In the common case a call is one request: one promise, no timer, no signal.
 */
import { ShoalError } from '../base/errors.ts';
import { Course, type CourseAttempt, type Order, type Steps } from './course.ts';
import type { AttemptFailure } from './failure.ts';
import { Hedges } from './hedges.ts';
import type { KnownNode } from './known-node.ts';
import type { Nodes } from './nodes.ts';
import { callCancelled, callFailure } from './outcome.ts';
import { attemptMs, isFinal, mayRepeat, pauseMs, ROUNDS_MAX } from './retry.ts';
import { RetryBudget } from './retry-budget.ts';
import { Signals } from './signals.ts';
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

/** How often slow reads, and calls that wait for room, are looked at. */
const LOOK_MS = 5;
/** Connections are given up so long after the last call: until then they keep the process alive. */
export const REST_MS = 10_000;
/** Under way, waiting for room or for their next attempt (I10). */
const CALLS_MAX = 65_536;

export class Caller implements Steps {
  readonly #nodes: Nodes;
  readonly #world: Surroundings;
  readonly #background: Background;
  readonly #budget: RetryBudget;
  readonly #waiting = new Waiting();
  readonly #hedges = new Hedges();
  readonly #signals = new Signals();
  #underWay = 0;
  #lastBegunAt = 0;
  #looking = false;
  #closed = false;
  #closing: Promise<void> | undefined;
  #onIdle: () => void = () => {};

  constructor({ nodes, surroundings, background }: CallerParts) {
    this.#nodes = nodes;
    this.#world = surroundings;
    this.#background = background;
    this.#budget = new RetryBudget(surroundings.now());
  }

  /** Rejects with ShoalError and with nothing else. */
  call<Result>(order: Order<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(new ShoalError('CANCELLED', 'the client is closed'));
    if (order.signal?.aborted) return Promise.reject(callCancelled([], { sent: false }));
    if (this.#underWay >= CALLS_MAX) return Promise.reject(tooMany(this.#underWay));
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
    this.#underWay -= 1;
    this.#waiting.delete(course);
    if (course.order.signal) this.#signals.delete(course.order.signal, course);
    if (this.#underWay === 0) this.#onIdle();
  }

  async #close(): Promise<void> {
    this.#closed = true;
    this.#background.close();
    if (this.#underWay > 0) {
      await new Promise<void>(resolve => {
        this.#onIdle = resolve;
      });
    }
    this.#nodes.close();
  }

  #begin(course: Course, now: number): void {
    this.#underWay += 1;
    if (course.order.signal) this.#signals.add(course.order.signal, course);
    this.#lastBegunAt = now;
    this.#budget.earn();
    this.#background.begun();
    this.#proceed(course, now);
    if (!this.#looking && this.#underWay > 0) this.#look();
  }

  /** The next attempt, now or when there is room for it. */
  #proceed(course: Course, now: number): void {
    if (course.done || this.#place(course, now) || this.#waiting.add(course)) return;
    course.reject(callFailure([...course.failures, tooMany(this.#waiting.size)]));
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
    else course.reject(isNew ? closedTooLong(waitMs) : callFailure(course.failures));
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
    } else if (!course.write && course.asked.length === 1) this.#hedges.add(attempt);
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
    const { error, pushbackMs = 0, sent, local } = failure;
    const now = this.#world.now();
    course.failures.push(error);
    if (!local && !isFinal(error)) {
      node.failed(failure, now);
      this.#background.failed(now);
    }
    // Of two that were asked, the other may still answer; what the request itself is to blame for, nobody
    // will answer otherwise.
    if (course.underWay.length > 0 && !isFinal(error)) return;
    const enough = course.failures.length >= ROUNDS_MAX * this.#nodes.all.length || pushbackMs < 0;
    const again = mayRepeat(error, course.order) && !enough && (!sent || this.#budget.spend(now));
    if (again) this.#again(course, now);
    else course.reject(callFailure(course.failures));
  }

  #again(course: Course, now: number): void {
    const { reason } = course.failures.at(-1)!;
    const tries = { attempts: course.failures.length, nodes: this.#nodes.all.length };
    const closed = closedMs(this.#choose(course, now).standing, now);
    const ms = Math.max(closed, pauseMs(reason, tries, this.#world.fraction()));
    if (now + ms >= course.deadline) course.reject(callFailure(course.failures));
    else if (ms === 0) this.#proceed(course, now);
    else this.#pause(course, ms);
  }

  #pause(course: Course, ms: number): void {
    this.#world
      .sleep(ms, course.order.signal)
      .then(() => this.#proceed(course, this.#world.now()))
      .catch((bug: Error) => course.reject(bug));
  }

  #admit(): void {
    const now = this.#world.now();
    this.#waiting.admit(course => this.#place(course, now));
  }

  #look(): void {
    this.#looking = true;
    this.#world.after(LOOK_MS, () => {
      const now = this.#world.now();
      for (const node of this.#nodes.all) node.look();
      for (const course of this.#waiting.expired(now)) course.reject(noRoom(course, now));
      for (const read of this.#hedges.slow(now)) this.#hedge(read, now);
      this.#admit();
      this.#background.look(now);
      this.#looking = this.#underWay > 0;
      if (this.#looking) this.#look();
      else this.#restLater();
    });
  }

  #hedge({ course }: CourseAttempt, now: number): void {
    if (course.done || course.underWay.length !== 1) return;
    const node = this.#choose(course, now);
    const isBetter = isWell(node, now) && !node.full(course.bodyBytes) && !course.asked.includes(node);
    if (isBetter && this.#budget.spend(now)) this.#ask(course, node, now);
  }

  #restLater(): void {
    const begunAt = this.#lastBegunAt;
    this.#world.after(REST_MS, () => {
      if (this.#lastBegunAt === begunAt && this.#underWay === 0) this.#nodes.rest();
    });
  }
}

function closedTooLong(waitMs: number): ShoalError {
  const why = `every node has asked not to be asked for another ${Math.ceil(waitMs)} ms`;
  return new ShoalError('OVERLOADED', why);
}

function tooMany(waiting: number): ShoalError {
  const why = `${waiting} calls of this client wait already; begin fewer at once, or use getMany and putMany`;
  return new ShoalError('OVERLOADED', why);
}

function noRoom({ failures, begunAt }: Course, now: number): ShoalError {
  if (failures.length > 0) return callFailure(failures);
  const waited = `waited ${Math.round(now - begunAt)} ms, and was not sent`;
  return new ShoalError(
    'OVERLOADED',
    `${waited}: more calls are under way than the nodes answer in this time`,
  );
}
