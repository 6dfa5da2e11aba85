/** Asks all nodes but one, again and again over connections that stay open, how they see the members. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveNode } from '../processes/support/live-node.ts';

const LOOK_MS = 50;
const PATIENCE_MS = 30_000;

export class Lookout {
  readonly #of: string;
  /** By observer, how it sees the one at the last look. */
  readonly #seen = new Map<string, string>();
  readonly #wronged = new Set<string>();
  readonly #looking: readonly Promise<void>[];
  #isOver = false;

  /** @param of the one that something is done to */
  constructor(nodes: readonly LiveNode[], { spec: { name } }: LiveNode) {
    this.#of = name;
    this.#looking = nodes.filter(({ spec }) => spec.name !== name).map(node => this.#look(node));
  }

  /** Until every other node takes it for that. @returns ms, from now */
  async until(state: string): Promise<number> {
    const from = performance.now();
    while (performance.now() - from < PATIENCE_MS) {
      const seen = [...this.#seen.values()];
      if (seen.length === this.#looking.length && seen.every(each => each === state))
        return performance.now() - from;
      await sleep(LOOK_MS / 5);
    }
    throw new Error(`${this.#of} is not ${state} at all: ${JSON.stringify([...this.#seen])}`);
  }

  /** @returns the others that were held for down at any look */
  async end(): Promise<readonly string[]> {
    this.#isOver = true;
    await Promise.all(this.#looking);
    return [...this.#wronged];
  }

  async #look({ spec, calls }: LiveNode): Promise<void> {
    while (!this.#isOver) {
      const { members } = await calls.status();
      for (const { name, state } of members) {
        if (name === this.#of) this.#seen.set(spec.name, state);
        else if (state === 'down') this.#wronged.add(name);
      }
      await sleep(LOOK_MS);
    }
  }
}
