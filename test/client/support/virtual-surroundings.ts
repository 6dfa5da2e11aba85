/** Time that passes only when a test lets it, and chance that always falls the same way. */
import type { Surroundings } from '../../../src/client/surroundings.ts';

interface Due {
  readonly at: number;
  readonly action: () => void;
}

export class VirtualSurroundings implements Surroundings {
  /** Milliseconds since the start. To move it on is to be a process that did not run meanwhile. */
  time = 0;
  readonly slept: number[] = [];
  #due: Due[] = [];
  #drawn = 0;

  now(): number {
    return this.time;
  }

  wall(): number {
    return this.time;
  }

  sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    return new Promise(resolve => {
      this.after(ms, resolve);
    });
  }

  fraction(): number {
    return 0;
  }

  bytes(size: number): Uint8Array {
    this.#drawn += 1;
    return new Uint8Array(size).fill(this.#drawn);
  }

  after(ms: number, action: () => void): { cancel(): void } {
    const due = { at: this.time + ms, action };
    this.#due.push(due);
    return {
      cancel: () => {
        this.#due = this.#due.filter(other => other !== due);
      },
    };
  }

  atEnd(action: () => void): void {
    this.after(0, action);
  }

  /** Lets time pass until the promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const seen = () => {
      settled = true;
    };
    promise.then(seen, seen);
    for (;;) {
      await runnable();
      if (settled) return promise;
      this.#next(Number.POSITIVE_INFINITY);
    }
  }

  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    do await runnable();
    while (this.#next(end));
    this.time = end;
  }

  /** @returns false when nothing is due by then */
  #next(end: number): boolean {
    const at = Math.min(...this.#due.map(due => due.at));
    if (at > end) return false;
    const due = this.#due.find(other => other.at === at);
    if (due === undefined) throw new Error('nothing will ever happen any more');
    this.#due = this.#due.filter(other => other !== due);
    // What is overdue because time was moved on comes late, not in the past.
    this.time = Math.max(this.time, at);
    due.action();
    return true;
  }
}

/** Until everything that can run without time passing has run. */
function runnable(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve);
  });
}
