/** What clients do, each at its own pace: one operation after the other, drawn from its mix. */
import type { SeededRandom } from '../../src/base/random.ts';
import type { SimClient } from './client.ts';
import type { ClientPlan, Deed } from './plan.ts';
import type { World } from './time/world.ts';

export interface Worker {
  readonly plan: ClientPlan;
  readonly client: SimClient;
  readonly random: SeededRandom;
}

/** Where they work. */
interface Workplace {
  readonly world: World;
  readonly keys: readonly string[];
}

export class Workload {
  readonly #workers: readonly Worker[];
  readonly #place: Workplace;
  #stopped = false;

  constructor(workers: readonly Worker[], place: Workplace) {
    this.#workers = workers;
    this.#place = place;
  }

  start(): void {
    for (const worker of this.#workers) this.#next(worker);
  }

  /** What is under way goes on to its end. */
  stop(): void {
    this.#stopped = true;
  }

  #next(worker: Worker): void {
    const thinkMs = worker.plan.thinkMs * 2 * worker.random.fraction();
    this.#place.world.after(thinkMs, () => {
      if (this.#stopped) return;
      void this.#work(worker).then(() => this.#next(worker));
    });
  }

  async #work({ plan, client, random }: Worker): Promise<void> {
    const key = random.pick(this.#place.keys);
    const reading = { key, strict: plan.strict, quorum: plan.r };
    const writing = { key, strict: plan.strict, quorum: plan.w };
    switch (drawDeed(random, plan.mix)) {
      case 'get':
        await client.get(reading);
        return;
      case 'put blind':
        await client.put(writing, 'blind');
        return;
      case 'read, merge, write': {
        const read = await client.get(reading);
        if (read.ended === 'ok' && !this.#stopped) await client.put(writing, 'after');
        return;
      }
      case 'put overwrite':
        await client.put(writing, 'overwrite');
        return;
      case 'delete seen':
        await client.delete(writing, 'after');
        return;
      case 'delete unseen':
        await client.delete(writing, 'overwrite');
        return;
    }
  }
}

function drawDeed(random: SeededRandom, mix: ClientPlan['mix']): Deed {
  const shares = Object.entries(mix) as [Deed, number][];
  let left = random.fraction() * shares.reduce((sum, [, share]) => sum + share, 0);
  for (const [deed, share] of shares) {
    left -= share;
    if (left < 0) return deed;
  }
  return 'get';
}
