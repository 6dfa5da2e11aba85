/**
 * What a door lets in, and when it is begun (I10: no queue without a bound, no expired work executed; TRAPS
 * O1, O3, O4). In the common case a call is begun in the tick in which it arrives. When as much is begun as
 * this node can do at once, or in this turn of the loop, the rest waits here, where its age is known: kinds
 * of work take turns by their shares, and what has waited too long, whatever the length of the queue, is told
 * so at once and cheaply, before its message is even read. A node that works off requests nobody waits for
 * any more never gets well again.
 *
 * What is begun first is decided by queues.ts, for how long a turn may go on beginning by turn-time.ts, and
 * the rest in core/overload.
 */
import { type BegunBounds, CLIENTS_BEGUN, nextLimit } from '../core/overload/begun-limit.ts';
import { DUE, type Kind } from '../core/overload/kinds.ts';
import { INTERVAL_MS } from '../core/overload/standing-queue.ts';
import type { Clock } from '../ports/clock.ts';
import type { Turns } from '../ports/turns.ts';
import { Queues } from './queues.ts';
import type { StallWatch } from './stall.ts';
import { TurnTime } from './turn-time.ts';
import type { Refusal, Work } from './work.ts';

export interface GateLimits {
  /** Calls that are here, begun or not: a bound for memory, which age alone would not keep. */
  readonly calls: number;
  /** Of values and records that they have brought. */
  readonly bytes: number;
  /** Clients' at one node unless said otherwise. */
  readonly begun?: BegunBounds;
}

export interface GateParts {
  readonly limits: GateLimits;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly stalls: Pick<StallWatch, 'lateMs'>;
}

/** So little is always begun at once: it is all there is in most turns, which then cost nothing more. */
const BEGUN_FREELY = 16;
/** How often the queue is looked through while nothing ends that was begun. */
const SWEEP_MS = 10;

export class Gate {
  readonly #parts: GateParts;
  readonly #bounds: BegunBounds;
  readonly #begun: Record<Kind, number> = { peer: 0, read: 0, write: 0, background: 0 };
  readonly #queues = new Queues(kind => this.#mayBegin(kind));
  readonly #turn: TurnTime;
  #limit: number;
  #limitSetAt = 0;
  #begunAll = 0;
  #bytes = 0;
  #pumping = false;
  #sweeping = false;
  #closed = false;

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#bounds = parts.limits.begun ?? CLIENTS_BEGUN;
    this.#limit = this.#bounds.first;
    this.#turn = new TurnTime({ ...parts, onNext: () => this.#pump() });
  }

  /** Calls that have been begun and have not left, and those that wait. */
  get load(): { readonly begun: number; readonly waiting: number; readonly bytes: number } {
    return { begun: this.#begunAll, waiting: this.#queues.size, bytes: this.#bytes };
  }

  /** So much may be begun at once, as things are. */
  get limit(): number {
    return this.#limit;
  }

  /** Begins the work, now or when it is its turn, or refuses it, now or when it has waited too long. */
  enter(work: Work): void {
    const { calls, bytes } = this.#parts.limits;
    if (this.#closed) work.refuse('DRAINING');
    else if (this.#begunAll + this.#queues.size >= calls || this.#bytes + work.bytes > bytes)
      work.refuse('OVERLOADED');
    else {
      this.#bytes += work.bytes;
      if (this.#mayBegin(work.kind) && this.#queues.isFree(work.kind)) this.#begin(work);
      else this.#queue(work);
    }
  }

  /** What was begun has come to its end. */
  leave({ kind, bytes }: Pick<Work, 'kind' | 'bytes'>): void {
    this.#begunAll -= 1;
    this.#begun[kind] -= 1;
    this.#bytes -= bytes;
    this.#pump();
  }

  /**
   * Nobody waits for its answer. If it has not been begun, its room is free at once: 1. one client asks and
   * gives up, in turn; 2. on its stream nothing is under way; 3. here all that it ever asked would lie, and
   * turn the others away.
   */
  giveUp(work: Work): void {
    if (this.#queues.remove(work)) this.#drop(work, 'CANCELLED');
  }

  /** Nobody enters any more. What waits is begun yet. */
  close(): void {
    this.#closed = true;
  }

  #begin(work: Work): void {
    this.#begunAll += 1;
    this.#begun[work.kind] += 1;
    work.begin();
  }

  #queue(work: Work): void {
    this.#queues.push(work);
    work.wait();
    this.#sweepSoon();
  }

  #mayBegin(kind: Kind): boolean {
    return this.#begunAll < this.#limit && this.#begun[kind] < DUE[kind].begunMax && this.#hasTime();
  }

  #hasTime(): boolean {
    return this.#begunAll < BEGUN_FREELY || this.#turn.isLeft();
  }

  /**
   * Begins what may be begun. What ends at once comes back here through {@link leave}, and must not begin the
   * next one within it.
   */
  #pump(): void {
    if (this.#pumping || this.#queues.size === 0) return;
    this.#pumping = true;
    const now = this.#parts.clock.now();
    for (let kind = this.#queues.next(); kind !== undefined; kind = this.#queues.next()) {
      const work = this.#queues.take(kind, now);
      if (work !== undefined) this.#beginOrDrop(work, now);
    }
    this.#pumping = false;
  }

  #beginOrDrop(work: Work, now: number): void {
    const why = this.#queues.refusal(work, now);
    if (why !== undefined) {
      this.#drop(work, why);
      return;
    }
    this.#queues.took(work.kind);
    this.#begin(work);
  }

  #drop(work: Work, why: Refusal): void {
    this.#bytes -= work.bytes;
    work.refuse(why);
  }

  #sweepSoon(): void {
    if (this.#sweeping) return;
    this.#sweeping = true;
    this.#parts.clock.after(SWEEP_MS, () => {
      this.#sweeping = false;
      this.#sweep(this.#parts.clock.now());
      if (this.#queues.size > 0) this.#sweepSoon();
    });
  }

  #sweep(now: number): void {
    this.#queues.shed(now, (work, why) => this.#drop(work, why));
    this.#setLimit(now);
    this.#pump();
  }

  #setLimit(now: number): void {
    if (now - this.#limitSetAt < INTERVAL_MS) return;
    this.#limitSetAt = now;
    const seen = { stands: this.#queues.stand, lateMs: this.#parts.stalls.lateMs };
    this.#limit = nextLimit(this.#limit, seen, this.#bounds);
  }
}
