/**
 * Work of one kind that has arrived and is not begun, in the order in which it came, and for how long it may
 * wait. In a burst the oldest is begun first; in a queue that stands the newest: the oldest would be begun
 * just before its client gives it up, and so would all behind it.
 */
import { DUE, type Kind } from '../core/overload/kinds.ts';
import { NEVER_STOOD, observe, patienceMs, type Standing } from '../core/overload/standing-queue.ts';
import type { Refusal, Work } from './work.ts';

/** So much at the front may be used up before the rest moves down. */
const SPENT_MAX = 1024;

export class WorkQueue {
  readonly #sheds: boolean;
  readonly #work: (Work | undefined)[] = [];
  /** What was before it has been taken. */
  #front = 0;
  #standing: Standing = NEVER_STOOD;

  constructor(kind: Kind) {
    this.#sheds = DUE[kind].sheds;
  }

  get size(): number {
    return this.#work.length - this.#front;
  }

  get stands(): boolean {
    return this.#standing.stands;
  }

  push(work: Work): void {
    this.#work.push(work);
  }

  /** The one whose turn it is. */
  take(now: number): Work | undefined {
    const work = this.#sheds && this.#standing.stands ? this.#newest() : this.#oldest();
    this.#observe(now);
    return work;
  }

  /** Takes out, from the oldest on, what need not be begun any more. */
  shed(now: number, drop: (work: Work, why: Refusal) => void): void {
    this.#observe(now);
    for (let work = this.#work[this.#front]; work !== undefined; work = this.#work[this.#front]) {
      const why = this.refusal(work, now);
      if (why === undefined) break;
      this.#oldest();
      drop(work, why);
    }
    this.#observe(now);
  }

  /**
   * Looked for from the newest on, among as many as a gate lets in at the worst.
   * @returns false if it is not here
   */
  remove(work: Work): boolean {
    const at = this.#work.lastIndexOf(work);
    if (at < 0) return false;
    this.#work.splice(at, 1);
    return true;
  }

  /** Why it is not to be begun now; undefined if it is. */
  refusal({ cancelled, deadline, arrivedAt }: Work, now: number): Refusal | undefined {
    if (cancelled) return 'CANCELLED';
    if (deadline <= now) return 'EXPIRED';
    return this.#sheds && now - arrivedAt > patienceMs(this.#standing) ? 'OVERLOADED' : undefined;
  }

  #observe(now: number): void {
    const oldest = this.#work[this.#front];
    const oldestMs = oldest === undefined ? 0 : now - oldest.arrivedAt;
    this.#standing = observe(this.#standing, { oldestMs, now });
  }

  #newest(): Work | undefined {
    return this.size === 0 ? undefined : this.#work.pop();
  }

  #oldest(): Work | undefined {
    const work = this.#work[this.#front];
    if (work === undefined) return undefined;
    this.#work[this.#front] = undefined;
    this.#front += 1;
    if (this.#front === this.#work.length || this.#front > SPENT_MAX) {
      this.#work.splice(0, this.#front);
      this.#front = 0;
    }
    return work;
  }
}
