/**
 * The clocks of one machine, which outlive its processes: a monotonic one that runs a little fast or slow,
 * and a wall clock that people set.
 */
import type { World } from './world.ts';

const WALL_MS_2026 = 1_767_225_600_000;

export interface MachineClockOptions {
  readonly world: World;
  /** 1 is true; at 1.01 its second is shorter. */
  readonly rate: number;
  readonly wallOffMs: number;
}

export class MachineClock {
  readonly rate: number;
  /** May be set to anything at any time; the monotonic clock does not notice. */
  wallOffMs: number;
  readonly #world: World;

  constructor({ world, rate, wallOffMs }: MachineClockOptions) {
    this.#world = world;
    this.rate = rate;
    this.wallOffMs = wallOffMs;
  }

  monotonic(): number {
    return this.#world.now * this.rate;
  }

  /** Whole milliseconds, like Date.now(). */
  wall(): number {
    return Math.floor(WALL_MS_2026 + this.monotonic() + this.wallOffMs);
  }
}
