/**
 * One call of the SDK: attempts, through one node after the other, until one answers or there is no sense in another.
 * Which node, how long to wait and whether at all is decided by the pure standing.ts and retry.ts; this is their sequence.
 */
import { ShoalError } from '../base/errors.ts';
import { AttemptFailed, type Channel, type Method } from './channel.ts';
import { callCancelled, callFailure } from './outcome.ts';
import { attemptMs, mayRepeat, pauseMs, ROUNDS_MAX } from './retry.ts';
import { afterFailure, choose, GOOD, type Standing } from './standing.ts';
import type { Surroundings } from './surroundings.ts';

export interface CallTerms {
  /** For the whole call, all attempts and pauses included; milliseconds. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
  readonly write: boolean;
  /** Whether it may be sent again though it may have been applied (retry.ts says when that is). */
  readonly repeatable: boolean;
}

/** What happened so far in one call. */
interface Course {
  readonly deadline: number;
  readonly asked: number[];
  readonly failures: ShoalError[];
}

export class Caller {
  readonly #channels: readonly Channel[];
  readonly #surroundings: Surroundings;
  readonly #standings: Standing[];
  readonly #underWay = new Set<Promise<unknown>>();
  /** The node that answered last. */
  #preferred = 0;
  #closed = false;

  /** @param channels in the order they are to be tried; at least one */
  constructor(channels: readonly Channel[], surroundings: Surroundings) {
    this.#channels = channels;
    this.#surroundings = surroundings;
    this.#standings = channels.map(() => GOOD);
  }

  /** Rejects with ShoalError and with nothing else. */
  call<Request, Reply>(method: Method<Request, Reply>, request: Request, terms: CallTerms): Promise<Reply> {
    if (this.#closed) return Promise.reject(new ShoalError('CANCELLED', 'the client is closed'));
    const answer = this.#attempts(method, request, terms).finally(() => this.#underWay.delete(answer));
    this.#underWay.add(answer);
    return answer;
  }

  /** Takes no more calls, waits for those under way (each has its deadline), then closes the connections. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
    for (const channel of this.#channels) channel.close();
  }

  async #attempts<Request, Reply>(
    method: Method<Request, Reply>,
    request: Request,
    terms: CallTerms,
  ): Promise<Reply> {
    const course = this.#begin(terms);
    for (;;) {
      const node = await this.#turn(course, terms);
      const timeoutMs = this.#share(course);
      course.asked[node]! += 1;
      try {
        const reply = await this.#channels[node]!.call(method, request, { ...terms, timeoutMs });
        this.#answered(node);
        return reply;
      } catch (cause) {
        this.#failed(node, cause, { course, terms });
      }
    }
  }

  #begin({ deadlineMs }: CallTerms): Course {
    return {
      deadline: this.#surroundings.now() + deadlineMs,
      asked: this.#channels.map(() => 0),
      failures: [],
    };
  }

  /** Waits until it is the turn of the next node, and says which. Throws when that would be after the deadline. */
  async #turn(course: Course, { signal }: CallTerms): Promise<number> {
    const world = this.#surroundings;
    const now = world.now();
    const { asked, deadline } = course;
    const { node, waitMs } = choose({ now, standings: this.#standings, asked, preferred: this.#preferred });
    const last = course.failures.at(-1);
    const tries = { attempts: course.failures.length, nodes: this.#channels.length };
    const pause = Math.max(waitMs, last ? pauseMs(last.reason, tries, world.fraction()) : 0);
    if (now + pause >= deadline) throw last ? callFailure(course.failures) : closedTooLong(waitMs);
    if (pause > 0) await world.sleep(pause, signal);
    if (signal?.aborted) throw callCancelled(course.failures);
    return node;
  }

  #share({ deadline, asked }: Course): number {
    const restMs = Math.max(1, deadline - this.#surroundings.now());
    return attemptMs({ restMs, unasked: asked.filter(times => times === 0).length });
  }

  #answered(node: number): void {
    this.#standings[node] = GOOD;
    this.#preferred = node;
  }

  /** Returns if the call may be tried again, throws its failure if not. */
  #failed(node: number, cause: unknown, { course, terms }: { course: Course; terms: CallTerms }): void {
    if (!(cause instanceof AttemptFailed)) throw cause;
    const { error, pushbackMs } = cause;
    course.failures.push(error);
    if (terms.signal?.aborted) throw callCancelled(course.failures);
    if (!mayRepeat(error, terms)) throw callFailure(course.failures);
    this.#standings[node] = afterFailure(this.#standings[node]!, {
      now: this.#surroundings.now(),
      pushbackMs,
    });
    const enough = course.failures.length >= ROUNDS_MAX * this.#standings.length || (pushbackMs ?? 0) < 0;
    if (enough) throw callFailure(course.failures);
  }
}

function closedTooLong(waitMs: number): ShoalError {
  const why = `every node has asked not to be asked for another ${Math.ceil(waitMs)} ms`;
  return new ShoalError('OVERLOADED', why);
}
