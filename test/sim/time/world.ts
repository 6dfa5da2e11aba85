/**
 * Time and its events: the only thing that makes anything happen in a run (DESIGN §10). Fires one event,
 * waits until nothing is runnable any more, and only then looks for the next, so that promises of one event
 * never race those of another (I13). Knows no machines and no messages.
 */
import { assert } from '../../../src/base/assert.ts';
import type { Timer } from '../../../src/ports/clock.ts';
import { settled } from '../../support/settled.ts';
import type { Trace } from '../trace.ts';
import { EventHeap } from './event-heap.ts';

export class World {
  readonly trace: Trace;
  readonly #events = new EventHeap();
  #ends: (() => void)[] = [];
  #now = 0;
  #scheduled = 0;
  #fired = 0;

  constructor(trace: Trace) {
    this.trace = trace;
  }

  /** True time since the run began, ms. */
  get now(): number {
    return this.#now;
  }

  /** How many events are scheduled. */
  get pending(): number {
    return this.#events.size;
  }

  /** How many events have happened. */
  get fired(): number {
    return this.#fired;
  }

  /** Lets it happen once after so much true time; a time that has passed already is now. */
  after(ms: number, action: () => void): Timer {
    return this.at(this.#now + ms, action);
  }

  /**
   * The same at that very time: now + (then - now) need not be then, and what shall keep its order must not
   * be rounded apart.
   */
  at(ms: number, action: () => void): Timer {
    assert(!Number.isNaN(ms), 'an event has a time');
    this.#scheduled += 1;
    const event = { at: Math.max(this.#now, ms), number: this.#scheduled, action };
    this.#events.add(event);
    return {
      cancel: () => {
        if (event.action !== undefined) this.#events.cancel(event);
      },
    };
  }

  /**
   * Does it when all that this event made runnable has run, and before the next one: the end of a turn
   * (src/ports/turns.ts).
   */
  atEnd(action: () => void): void {
    this.#ends.push(action);
  }

  /**
   * Lets time pass until it holds. False when it does not within so many milliseconds: then all of them have
   * passed.
   */
  async run({ until, ms }: { readonly until: () => boolean; readonly ms: number }): Promise<boolean> {
    const end = this.#now + ms;
    await settled();
    if (this.#ends.length > 0) await this.#endTurns();
    while (!until()) {
      if (!this.#fireNext(end)) {
        this.#now = end;
        return false;
      }
      await settled();
      if (this.#ends.length > 0) await this.#endTurns();
    }
    return true;
  }

  /** Ends of turns are no events: they cost no more than another look whether anything is runnable. */
  async #endTurns(): Promise<void> {
    while (this.#ends.length > 0) {
      const ends = this.#ends;
      this.#ends = [];
      for (const end of ends) end();
      await settled();
    }
  }

  #fireNext(end: number): boolean {
    const event = this.#events.take(end);
    if (event === undefined) return false;
    const { at, action } = event;
    // What happened cannot be cancelled any more.
    event.action = undefined;
    this.#now = at;
    this.#fired += 1;
    action?.();
    return true;
  }
}
