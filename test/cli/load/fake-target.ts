/**
 * A store of one file to put load on: siblings and contexts behave, time is the clock's, and it can be told
 * to misbehave.
 */
import { Buffer } from 'node:buffer';
import { type Outcome, type Reason, ShoalError } from '../../../src/base/errors.ts';
import type { SeededRandom } from '../../../src/base/random.ts';
import type { Over, Reply, Target } from '../../../src/cli/load/target.ts';
import { type Clock, pause } from '../../../src/ports/clock.ts';

interface Sibling {
  readonly id: number;
  readonly value: Uint8Array;
}

/**
 * What becomes of a write: `lost` is acknowledged and not there, `applied` is there and its outcome unknown.
 */
export type Fate = 'well' | 'lost' | 'applied' | 'unknown' | 'refused' | 'by a stand-in';

export class FakeTarget implements Target {
  readonly #records = new Map<string, readonly Sibling[]>();
  /** How long a request takes before it is done, and then its answer. */
  delayMs: () => number = () => 1;
  fate: () => Fate = () => 'well';
  requests = 0;
  underWayMax = 0;
  readonly keys = new Map<string, number>();
  #underWay = 0;
  #id = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(key: string): Promise<Reply> {
    return this.#during(key, () => this.#show(key));
  }

  readBack(key: string): Promise<Reply> {
    return this.get(key);
  }

  put(key: string, value: Uint8Array, over: Over): Promise<Reply> {
    return this.#write(key, over, value);
  }

  delete(key: string, over: Over): Promise<Reply> {
    return this.#write(key, over, undefined);
  }

  /** As a disk does that forgets. */
  wipe(): void {
    this.#records.clear();
  }

  #write(key: string, over: Over, value: Uint8Array | undefined): Promise<Reply> {
    return this.#during(key, () => {
      const fate = this.fate();
      this.#id += 1;
      const own = { id: this.#id, value: value ?? Buffer.alloc(0) };
      if (fate === 'refused') throw failure('OVERLOADED', 'not applied');
      if (fate === 'unknown') throw failure('OUTCOME_UNKNOWN', 'unknown');
      if (fate !== 'lost') {
        const kept = (this.#records.get(key) ?? []).filter(({ id }) => !covers(over, id));
        this.#records.set(key, value ? [...kept, own] : kept);
      }
      if (fate === 'applied') throw failure('OUTCOME_UNKNOWN', 'unknown');
      const shown = this.#show(key, own.id);
      return { ...shown, replicas: { fallback: fate === 'by a stand-in' ? 1 : 0 } };
    });
  }

  /** @param own what the context covers and the reply does not show */
  #show(key: string, own?: number): Reply {
    const all = this.#records.get(key) ?? [];
    const ids = own === undefined ? all.map(({ id }) => id) : [...all.map(({ id }) => id), own];
    return {
      siblings: all.filter(({ id }) => id !== own),
      context: Buffer.from(JSON.stringify(ids)),
      replicas: { fallback: 0 },
    };
  }

  async #during(key: string, act: () => Reply): Promise<Reply> {
    this.requests += 1;
    this.#underWay += 1;
    this.underWayMax = Math.max(this.underWayMax, this.#underWay);
    this.keys.set(key, (this.keys.get(key) ?? 0) + 1);
    try {
      await pause(this.#clock, this.delayMs());
      const reply = act();
      await pause(this.#clock, this.delayMs());
      return reply;
    } finally {
      this.#underWay -= 1;
    }
  }
}

/** One of these, each as often as it is named. */
export function fates(random: SeededRandom, ...which: readonly Fate[]): () => Fate {
  return () => random.pick(which);
}

function covers(over: Over, id: number): boolean {
  if (typeof over === 'string') return over === 'all';
  return (JSON.parse(Buffer.from(over).toString()) as number[]).includes(id);
}

function failure(reason: Reason, outcome: Outcome): ShoalError {
  return new ShoalError(reason, 'as it was told', { outcome });
}
