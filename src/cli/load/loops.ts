/**
 * The two ways to put load on: closed, where an operation begins when another has ended, and open, where it
 * begins when it is due.
 */
import { type Clock, pause } from '../../ports/clock.ts';
import type { Schedule } from './schedule.ts';

/** The next operation; undefined when there shall be no more. */
export type Next = () => Promise<void> | undefined;

/**
 * Keeps so many under way, until there are no more and all have ended. Rejects, once all have, with the first
 * failure.
 */
export async function closedLoop(inFlight: number, next: Next): Promise<void> {
  let failed = false;
  const line = async (): Promise<void> => {
    try {
      for (let one = next(); one !== undefined && !failed; one = next()) await one;
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: inFlight }, line));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

export interface Arrivals {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly inFlight: number;
  /** Whether one that is due at this time shall begin; false ends the loop. */
  readonly wanted: (due: number) => boolean;
  readonly begin: (due: number) => Promise<void>;
  /** One was due, and as many were under way as may be. */
  readonly givenUp: (due: number) => void;
}

/** The longest sleep: whether to end early is asked after it. */
const SLEEP_MS_MAX = 200;

/** Begins each when it is due, until none is wanted and all have ended. Rejects with the first failure. */
export async function openLoop(arrivals: Arrivals): Promise<void> {
  const { clock, schedule, wanted } = arrivals;
  const flight = new Flight(arrivals.inFlight);
  for (;;) {
    const due = schedule.next;
    const now = clock.now();
    if (!wanted(due) || flight.failed) break;
    if (due > now) await pause(clock, Math.min(due - now, SLEEP_MS_MAX));
    else {
      schedule.advance();
      if (flight.full) arrivals.givenUp(due);
      else flight.add(arrivals.begin(due));
    }
  }
  await flight.landed();
}

/** Operations that nobody waits for one by one. */
class Flight {
  readonly #max: number;
  #count = 0;
  #failure: { readonly error: unknown } | undefined;
  #whenLanded: (() => void) | undefined;

  constructor(max: number) {
    this.#max = max;
  }

  get full(): boolean {
    return this.#count >= this.#max;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  add(one: Promise<void>): void {
    this.#count += 1;
    one.then(this.#ended, this.#onFailure);
  }

  async landed(): Promise<void> {
    await new Promise<void>(resolve => {
      this.#whenLanded = resolve;
      if (this.#count === 0) resolve();
    });
    if (this.#failure) throw this.#failure.error;
  }

  readonly #ended = (): void => {
    this.#count -= 1;
    if (this.#count === 0) this.#whenLanded?.();
  };

  readonly #onFailure = (error: unknown): void => {
    this.#failure ??= { error };
    this.#ended();
  };
}
