/** What waits at a gate: a queue for each kind of work, which take turns by their shares. */
import { KINDS, type Kind } from '../core/overload/kinds.ts';
import { Shares } from '../core/overload/shares.ts';
import type { Refusal, Work } from './work.ts';
import { WorkQueue } from './work-queue.ts';

export class Queues {
  readonly #queues: Readonly<Record<Kind, WorkQueue>> = {
    peer: new WorkQueue('peer'),
    read: new WorkQueue('read'),
    write: new WorkQueue('write'),
    background: new WorkQueue('background'),
  };
  readonly #shares = new Shares();
  readonly #mayBegin: (kind: Kind) => boolean;
  #size = 0;

  /** @param mayBegin whether there is room for one more of that kind */
  constructor(mayBegin: (kind: Kind) => boolean) {
    this.#mayBegin = mayBegin;
  }

  get size(): number {
    return this.#size;
  }

  /** One of them has stood for longer than it should. */
  get stand(): boolean {
    return KINDS.some(kind => this.#queues[kind].stands);
  }

  /**
   * Whether one of that kind that comes now overtakes nobody: neither its own kind nor who could be begun
   * instead.
   */
  isFree(kind: Kind): boolean {
    return this.#size === 0 || (this.#queues[kind].size === 0 && this.next() === undefined);
  }

  push(work: Work): void {
    const queue = this.#queues[work.kind];
    if (queue.size === 0) this.#shares.joins(work.kind);
    queue.push(work);
    this.#size += 1;
  }

  /** Whose turn it is among those of which one may be begun. */
  next(): Kind | undefined {
    return this.#size === 0 ? undefined : this.#shares.next(this.#isReady);
  }

  take(kind: Kind, now: number): Work | undefined {
    const work = this.#queues[kind].take(now);
    if (work !== undefined) this.#size -= 1;
    return work;
  }

  /** One of that kind was begun that had waited. */
  took(kind: Kind): void {
    this.#shares.took(kind);
  }

  /** Why it is not to be begun now; undefined if it is. */
  refusal(work: Work, now: number): Refusal | undefined {
    return this.#queues[work.kind].refusal(work, now);
  }

  /** @returns false if it does not wait here */
  remove(work: Work): boolean {
    const removed = this.#queues[work.kind].remove(work);
    if (removed) this.#size -= 1;
    return removed;
  }

  /** Takes out what need not be begun any more. */
  shed(now: number, drop: (work: Work, why: Refusal) => void): void {
    const dropOne = (work: Work, why: Refusal) => {
      this.#size -= 1;
      drop(work, why);
    };
    for (const kind of KINDS) this.#queues[kind].shed(now, dropOne);
  }

  readonly #isReady = (kind: Kind): boolean => this.#queues[kind].size > 0 && this.#mayBegin(kind);
}
