/**
 * What a door lets in, and when it is begun (I10: no queue without a bound, no expired work executed; TRAPS
 * O1, O3, O4). In the common case a call is begun in the tick in which it arrives. When as much is begun as
 * this node can do at once, or in this turn of the loop, the rest waits here, where its age is known: kinds
 * of work take turns by their shares, and what has waited too long, whatever the length of the queue, is told
 * so at once and cheaply, before its message is even read. A node that works off requests nobody waits for
 * any more never gets well again.
 *
 * The decisions are core/overload's; the order within a kind is waiting.ts's.
 */
import { type BegunBounds, CLIENTS_BEGUN, nextLimit } from '../core/overload/begun-limit.ts';
import { DUE, KINDS, type Kind } from '../core/overload/kinds.ts';
import { Shares } from '../core/overload/shares.ts';
import { INTERVAL_MS } from '../core/overload/standing-queue.ts';
import type { Clock } from '../ports/clock.ts';
import type { Turns } from '../ports/turns.ts';
import type { StallWatch } from './stall.ts';
import { type Refusal, Waiting, type Work } from './waiting.ts';

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
/**
 * What is begun in one turn of the loop takes no longer; then sockets are read, and answers of peers and disk
 * heard.
 */
const TURN_MS = 8;
/** How often the queue is looked through while nothing ends that was begun. */
const SWEEP_MS = 10;

export class Gate {
  readonly #parts: GateParts;
  readonly #bounds: BegunBounds;
  readonly #waiting: Readonly<Record<Kind, Waiting>> = {
    peer: new Waiting('peer'),
    read: new Waiting('read'),
    write: new Waiting('write'),
    background: new Waiting('background'),
  };
  readonly #begun: Record<Kind, number> = { peer: 0, read: 0, write: 0, background: 0 };
  readonly #shares = new Shares();
  #limit: number;
  #limitSetAt = 0;
  #begunAll = 0;
  #waits = 0;
  #bytes = 0;
  /** When this turn began to begin work; undefined before it does. */
  #turnFrom: number | undefined;
  #pumping = false;
  #sweeping = false;
  #closed = false;

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#bounds = parts.limits.begun ?? CLIENTS_BEGUN;
    this.#limit = this.#bounds.first;
  }

  /** Calls that have been begun and have not left, and those that wait. */
  get load(): { readonly begun: number; readonly waiting: number; readonly bytes: number } {
    return { begun: this.#begunAll, waiting: this.#waits, bytes: this.#bytes };
  }

  /** Begins the work, now or when it is its turn, or refuses it, now or when it has waited too long. */
  enter(work: Work): void {
    const { calls, bytes } = this.#parts.limits;
    if (this.#closed) work.refuse('DRAINING');
    else if (this.#begunAll + this.#waits >= calls || this.#bytes + work.bytes > bytes)
      work.refuse('OVERLOADED');
    else {
      this.#bytes += work.bytes;
      if (this.#waits === 0 && this.#mayBegin(work.kind)) this.#begin(work);
      else this.#queue(work);
    }
  }

  /** What was begun has come to its end. */
  leave({ kind, bytes }: Pick<Work, 'kind' | 'bytes'>): void {
    this.#begunAll -= 1;
    this.#begun[kind] -= 1;
    this.#bytes -= bytes;
    if (this.#waits > 0) this.#pump();
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
    const waiting = this.#waiting[work.kind];
    if (waiting.size === 0) this.#shares.joins(work.kind);
    waiting.push(work);
    this.#waits += 1;
    this.#sweepSoon();
  }

  #mayBegin(kind: Kind): boolean {
    return this.#begunAll < this.#limit && this.#begun[kind] < DUE[kind].begunMax && this.#turnHasTime();
  }

  #turnHasTime(): boolean {
    if (this.#begunAll < BEGUN_FREELY) return true;
    const { clock, turns } = this.#parts;
    if (this.#turnFrom !== undefined) return clock.now() - this.#turnFrom < TURN_MS;
    this.#turnFrom = clock.now();
    turns.atEnd(() => {
      this.#turnFrom = undefined;
      if (this.#waits > 0) this.#pump();
    });
    return true;
  }

  /**
   * Begins what may be begun. What ends at once comes back here through {@link leave}, and must not begin the
   * next one within it.
   */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    const now = this.#parts.clock.now();
    for (let kind = this.#next(); kind !== undefined; kind = this.#next()) {
      const waiting = this.#waiting[kind];
      const work = waiting.take(now);
      if (work === undefined) continue;
      const why = waiting.refusal(work, now);
      this.#waits -= 1;
      if (why !== undefined) {
        this.#drop(work, why);
        continue;
      }
      this.#shares.took(kind);
      this.#begin(work);
    }
    this.#pumping = false;
  }

  #next(): Kind | undefined {
    return this.#waits === 0 ? undefined : this.#shares.next(this.#canTake);
  }

  readonly #canTake = (kind: Kind): boolean => this.#waiting[kind].size > 0 && this.#mayBegin(kind);

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
      if (this.#waits > 0) this.#sweepSoon();
    });
  }

  #sweep(now: number): void {
    for (const kind of KINDS)
      this.#waiting[kind].shed(now, (work, why) => {
        this.#waits -= 1;
        this.#drop(work, why);
      });
    this.#setLimit(now);
    this.#pump();
  }

  #setLimit(now: number): void {
    if (now - this.#limitSetAt < INTERVAL_MS) return;
    this.#limitSetAt = now;
    const stands = KINDS.some(kind => this.#waiting[kind].stands);
    this.#limit = nextLimit(this.#limit, { stands, lateMs: this.#parts.stalls.lateMs }, this.#bounds);
  }
}
