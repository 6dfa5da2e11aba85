/**
 * Nothing outlives its deadline (I10): a client has its answer by then, and a process has ended what it
 * served. Slack is for clocks that differ and for a process that stood still.
 */
import type { Operation } from '../history.ts';
import { type Oracle, Violation } from '../oracle.ts';
import { nameOf } from './words.ts';

export interface DeadlineLimits {
  /** How long that client waits for an operation, all tries together, ms. */
  readonly patienceMs: (client: string) => number;
  readonly slackMs: number;
}

/** All by the clock of the process that served it. */
export interface Served {
  readonly node: string;
  readonly method: string;
  readonly deadline: number;
  readonly endedAt: number;
  /** How long it stood still meanwhile. */
  readonly pausedMs: number;
}

/**
 * These wait for a disk, which nobody can call back: what they have begun is done, and their callers have
 * given up on them.
 */
const UNTIL_DURABLE: readonly string[] = ['Apply', 'HandOff', 'Read', 'Scan'];

export class Deadlines implements Oracle {
  readonly #limits: DeadlineLimits;

  constructor(limits: DeadlineLimits) {
    this.#limits = limits;
  }

  ended(operation: Operation): void {
    const { beganAt, endedAt, client, key } = operation;
    const late = endedAt! - beganAt - this.#limits.patienceMs(client);
    if (late > this.#limits.slackMs)
      throw new Violation('I10', `${nameOf(operation)} ended ${Math.round(late)} ms too late`, { key });
  }

  /** For whoever serves calls to tell. */
  served({ node, method, deadline, endedAt, pausedMs }: Served): void {
    if (UNTIL_DURABLE.includes(method)) return;
    const late = endedAt - deadline - pausedMs;
    if (late > this.#limits.slackMs)
      throw new Violation('I10', `${method} at ${node} ended ${Math.round(late)} ms after its deadline`);
  }
}
