/**
 * How long a write takes on its way to a simulated disk, and that nobody hears of it whose process is gone.
 */
import type { SeededRandom } from '../../../src/base/random.ts';
import type { DiskPlan } from '../plan.ts';
import type { Process } from '../time/process.ts';
import type { World } from '../time/world.ts';

/** What a disk needs of a process. */
export type Owner = Pick<Process, 'alive' | 'deliver'>;

/** A slow write takes up to so many times as long. */
const SLOW_FACTOR_MAX = 20;

export class Pace {
  /** How many times slower than planned. */
  factor = 1;
  readonly #world: Pick<World, 'after'>;
  readonly #random: SeededRandom;
  readonly #plan: DiskPlan;

  constructor({
    world,
    random,
    plan,
  }: { world: Pick<World, 'after'>; random: SeededRandom; plan: DiskPlan }) {
    this.#world = world;
    this.#random = random;
    this.#plan = plan;
  }

  /**
   * Calls `landed` when a write that begins now has got to the disk, unless its process ends before. It may
   * be paused.
   */
  begin(owner: Owner, landed: () => void): void {
    this.#world.after(this.#draw(), () => {
      if (owner.alive) landed();
    });
  }

  #draw(): number {
    const { writeMs, slowShare } = this.#plan;
    const usual = writeMs.min + this.#random.fraction() * (writeMs.usual - writeMs.min);
    const slow = this.#random.chance(slowShare) ? 1 + this.#random.fraction() * (SLOW_FACTOR_MAX - 1) : 1;
    return usual * slow * this.factor;
  }
}

/** What a process that is gone waits for. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}
