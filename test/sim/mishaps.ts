/**
 * When processes could not finish what they had begun: their ends, and before those the time since which they
 * had not got on. 1. A coordinator replies, and owes an owner a note; 2. it stands still, or its disk does;
 * 3. seconds later it is killed, and nothing of the note is anywhere. What it owed then, it owed by the grace
 * of the fault.
 */
import type { World } from './time/world.ts';

export interface Mishap {
  readonly from: number;
  readonly to: number;
}

interface Hampered {
  readonly since: number;
  readonly until: number;
}

/**
 * What an answered call leaves to do goes on until its deadline, three seconds at the most, and what that
 * queues lands soon after.
 */
export const SETTLED_MS = 4_000;

export class Mishaps {
  readonly #world: Pick<World, 'now'>;
  readonly #all: Mishap[] = [];
  readonly #hampered = new Map<string, Hampered>();

  constructor(world: Pick<World, 'now'>) {
    this.#world = world;
  }

  /** In the order of their ends. */
  get all(): readonly Mishap[] {
    return this.#all;
  }

  /** That node, or its disk, does not get on for so long. */
  hampered(node: string, ms: number): void {
    const { now } = this.#world;
    const known = this.#known(node);
    const until = Math.max(now + ms + SETTLED_MS, known?.until ?? 0);
    this.#hampered.set(node, { since: known?.since ?? now, until });
  }

  /** Its process is gone, or out of the reach of all others for good. */
  ended(node: string): void {
    const { now } = this.#world;
    this.#all.push({ from: this.#known(node)?.since ?? now, to: now });
    this.#hampered.delete(node);
  }

  #known(node: string): Hampered | undefined {
    const known = this.#hampered.get(node);
    return known !== undefined && known.until >= this.#world.now ? known : undefined;
  }
}
