/**
 * Whose disk was set back with all its marks, so that only others can tell it (src/membership/progress.ts),
 * and whether they still can. What nobody remembers nobody tells: that is the one loss of which a node may
 * not know.
 */
import type { Machine } from './machine.ts';

type Seen = Pick<Machine, 'name' | 'startedAt' | 'counted'>;

interface SetBack {
  readonly at: number;
  /** How often its processes had noticed such a thing by then. */
  readonly noticed: number;
}

const NOTICED = 'recovering.rolled-back';

export class SetBacks {
  /** By name. */
  readonly #last = new Map<string, SetBack>();

  add(machine: Seen, at: number): void {
    this.#last.set(machine.name, { at, noticed: machine.counted(NOTICED) });
  }

  /** It has lost all, or finds in its own store that something is missing. */
  delete(name: string): void {
    this.#last.delete(name);
  }

  /** Whether it runs on, or will, as if nothing had happened. */
  isUnnoticed(machine: Seen): boolean {
    const last = this.#last.get(machine.name);
    return last !== undefined && machine.counted(NOTICED) === last.noticed;
  }

  /**
   * The same, and none of these others has been running since before: what they had heard last, they have
   * forgotten.
   */
  isUntold(machine: Seen, others: readonly Seen[]): boolean {
    const { at } = this.#last.get(machine.name) ?? {};
    if (at === undefined || !this.isUnnoticed(machine)) return false;
    return others.every(({ startedAt }) => startedAt === undefined || startedAt >= at);
  }
}
