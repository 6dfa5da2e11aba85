/**
 * What happens to every call at a door, whatever carried it there, before and after its handler: room, its
 * turn, deadline, cancelling, and an honest answer to whatever goes wrong. Holds I10: no call without a
 * deadline, no queue without a bound, no expired work executed. How a call arrives and its answer leaves is
 * the carrier's business (unary.ts, answering.ts); when it is begun is the gate's.
 *
 * Three of these stand behind each put, so there is no promise here but the handler's own, and one object for
 * each call.
 */
import { AssertionFailed } from '../base/assert.ts';
import { ShoalError } from '../base/errors.ts';
import type { Kind } from '../core/overload/kinds.ts';
import type { Call } from '../ports/call.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import { type Failure, failureOf } from '../wire/status.ts';
import { budgetOf } from './budget.ts';
import type { Gate } from './gate.ts';
import { REFUSALS } from './refusals.ts';
import type { StallWatch } from './stall.ts';
import type { Refusal, Work } from './work.ts';

/** What a door and its methods share. */
export interface Door {
  readonly clock: Clock;
  readonly log: Log;
  readonly gate: Gate;
  readonly stalls: StallWatch;
  /** Counts what is refused, by reason. */
  readonly metrics?: Metrics;
  /** Told of every {@link AssertionFailed}: a bug of ours, whose node should stop. */
  readonly onBug: (bug: AssertionFailed) => void;
}

export interface Method<I, O> {
  readonly name: string;
  /** Whether it may change something, so that its outcome can be unknown. */
  readonly write: boolean;
  /** With whom it shares its turns; as a client's read or write unless said otherwise. */
  readonly kind?: Kind;
  /** Of the value that a unary call brings; over a link its message counts as it comes. */
  readonly bytes?: (message: I) => number;
  readonly answer: (message: I, call: Call) => Promise<O> | O;
  /** For errors that travel in a form of their own; undefined for all others. */
  readonly failure?: (error: unknown) => Failure | undefined;
}

/** Said without a reason of ours: who sends that speaks another language. */
const MALFORMED: Failure = {
  status: 3,
  reason: '',
  message: 'the message is malformed',
  metadata: { outcome: 'not applied' },
};

const NONE = Symbol('no answer');

export interface VisitOptions {
  /** How long its caller still waits; undefined when nobody said. */
  readonly budgetMs: number | undefined;
  /**
   * How much of that it has waited, as far as its carrier knows; it may be the same wait that a stall
   * explains.
   */
  readonly waitedMs?: number;
  /** Of the value or record that it brings. */
  readonly bytes: number;
}

/** A call at a door, from its arrival to its one answer. */
export abstract class Visit<I, O> implements Call, Work {
  readonly kind: Kind;
  readonly bytes: number;
  readonly arrivedAt: number;
  readonly deadline: number;
  /** Its caller has gone away. */
  abstract readonly cancelled: boolean;
  protected readonly door: Door;
  protected readonly method: Method<I, O>;

  constructor(door: Door, method: Method<I, O>, { budgetMs, waitedMs = 0, bytes }: VisitOptions) {
    this.door = door;
    this.method = method;
    this.kind = method.kind ?? (method.write ? 'write' : 'read');
    this.bytes = bytes;
    this.arrivedAt = door.clock.now();
    this.deadline = this.arrivedAt + budgetOf({ budgetMs, ageMs: Math.max(waitedMs, door.stalls.age()) });
  }

  /**
   * Undefined when it is malformed. Read only when it is its turn: what is refused must cost next to nothing.
   */
  protected abstract message(): I | undefined;
  /**
   * Each of these three is the last thing that is asked of it. They may throw when the answer cannot be sent.
   */
  protected abstract reply(answer: O): void;
  protected abstract fail(failure: Failure): void;
  protected abstract turnAway(why: Refusal): void;
  /** Calls back when its caller goes away. */
  protected abstract onCancelled(action: () => void): void;

  /** It stands before the door: to be begun at once, later, or not at all. */
  enter(): void {
    if (this.cancelled) this.refuse('CANCELLED');
    else if (this.deadline <= this.arrivedAt) this.refuse('EXPIRED');
    else this.door.gate.enter(this);
  }

  wait(): void {
    this.onCancelled(() => this.door.gate.giveUp(this));
  }

  refuse(why: Refusal): void {
    this.door.metrics?.count(REFUSALS[why].counter);
    try {
      this.turnAway(why);
    } catch (error) {
      this.#unsendable(error);
    }
  }

  begin(): void {
    const answer = this.#answer();
    if (answer instanceof Promise) {
      answer.then(
        reply => this.#replied(reply),
        error => this.#failed(error),
      );
    } else if (answer !== NONE) this.#replied(answer);
  }

  /** The handler's; NONE when it has failed already. */
  #answer(): Promise<O> | O | typeof NONE {
    try {
      const message = this.message();
      if (message !== undefined) return this.method.answer(message, this);
    } catch (error) {
      this.#failed(error);
      return NONE;
    }
    this.#fail(MALFORMED);
    return NONE;
  }

  #replied(answer: O): void {
    try {
      this.reply(answer);
    } catch (error) {
      this.#unsendable(error);
    }
    this.door.gate.leave(this);
  }

  #failed(error: unknown): void {
    this.#fail(this.method.failure?.(error) ?? failureOf(this.#foreseen(error)));
  }

  #fail(failure: Failure): void {
    try {
      this.fail(failure);
    } catch (error) {
      this.#unsendable(error);
    }
    this.door.gate.leave(this);
  }

  /**
   * It cannot be encoded, or gRPC throws: nobody else may lose the node for it; its sender is told nothing
   * and gives it up.
   */
  #unsendable(error: unknown): void {
    this.door.log.error('an answer could not be sent', { method: this.method.name, why: String(error) });
  }

  #foreseen(error: unknown): ShoalError {
    if (error instanceof ShoalError) return error;
    const { log, onBug } = this.door;
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.error('a request failed in a way nobody foresaw', { method: this.method.name, stack });
    if (error instanceof AssertionFailed) onBug(error);
    const outcome = this.method.write ? 'unknown' : 'not applied';
    return new ShoalError('INTERNAL', 'a defect of this node, described in its log', { outcome });
  }
}
