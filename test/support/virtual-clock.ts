/**
 * Time that passes only when nothing else can happen: whatever is runnable runs first, then the next timer is
 * due at once. So a wait of ten seconds costs nothing, and a test never races its own clock. Everything the
 * node does must end in promises, not in real I/O.
 */
import type { Clock, Timer } from '../../src/ports/clock.ts';
import { settled } from './settled.ts';

const WALL_MS_2026 = 1_767_225_600_000;
/** A condition that needs longer is awaited in vain. */
const WAIT_MS_MAX = 120_000;

interface Due {
  readonly at: number;
  readonly action: () => void;
}

export class VirtualClock implements Clock {
  /** How far people's clock has been set forward (or back) since. */
  wallSetByMs = 0;
  #now = 0;
  /** In the order in which they were set; of two due at once the first set goes first. */
  readonly #timers = new Set<Due>();

  now(): number {
    return this.#now;
  }

  wall(): number {
    return WALL_MS_2026 + this.#now + this.wallSetByMs;
  }

  after(ms: number, action: () => void): Timer {
    const due = { at: this.#now + Math.max(0, ms), action };
    this.#timers.add(due);
    return { cancel: () => void this.#timers.delete(due) };
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass until it holds; rejects when that takes too long. */
  async until(holds: () => boolean, what: string): Promise<void> {
    const end = this.#now + WAIT_MS_MAX;
    for (;;) {
      await settled();
      if (holds()) return;
      if (!this.#fireNext(end)) throw new Error(`in vain awaited: ${what}`);
    }
  }

  /** Lets time pass until the promise is settled. */
  async done<T>(promise: Promise<T>): Promise<T> {
    let over = false;
    const end = () => {
      over = true;
    };
    promise.then(end, end);
    await this.until(() => over, 'an answer');
    return await promise;
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    do await settled();
    while (this.#fireNext(end));
    this.#now = end;
  }

  #fireNext(end: number): boolean {
    let next: Due | undefined;
    for (const due of this.#timers) if (next === undefined || due.at < next.at) next = due;
    if (next === undefined || next.at > end) return false;
    this.#timers.delete(next);
    this.#now = Math.max(this.#now, next.at);
    next.action();
    return true;
  }
}
