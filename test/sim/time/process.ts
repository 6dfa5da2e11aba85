/**
 * One process of a simulated machine: the time it sees, and when what reaches it runs. It can be stopped for
 * a while (SIGSTOP) and ended (kill -9) between any two events, never within one.
 *
 * A stopped process misses nothing: its timers become due and the kernel keeps what arrives. When it goes on,
 * the due timers run first and then what arrived, in order, as libuv has it. Do not simplify: 1. a process
 * wakes after 5 s; 2. a request that is read before its timers ran seems fresh; 3. so the watch for stalls
 * (src/rpc/stall.ts) is only tried if both orders are what they are in production.
 */
import type { Clock, Timer } from '../../../src/ports/clock.ts';
import type { Turns } from '../../../src/ports/turns.ts';
import type { MachineClock } from './machine-clock.ts';
import type { World } from './world.ts';

export interface ProcessOptions {
  readonly world: World;
  readonly name: string;
  readonly clock: MachineClock;
}

interface Due {
  readonly action: () => void;
  cancelled: boolean;
}

/** Longer waits are cut to this, as in src/system/clock.ts. */
const WAIT_MS_MAX = 2 ** 31 - 1;

export class Process {
  readonly name: string;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly #world: World;
  readonly #machine: MachineClock;
  /** Due, but not run yet: the process stood still. */
  #timers: Due[] = [];
  /** Kept by the kernel meanwhile. */
  #arrived: (() => void)[] = [];
  #catchingUp = false;
  #alive = true;
  #pausedAt: number | undefined;
  #pausedMs = 0;
  readonly #onEnd = new Set<() => void>();

  constructor({ world, name, clock }: ProcessOptions) {
    this.#world = world;
    this.name = name;
    this.#machine = clock;
    this.clock = {
      now: () => clock.monotonic(),
      wall: () => clock.wall(),
      after: (ms, action) => this.#after(ms, action),
    };
    this.turns = { atEnd: action => world.atEnd(() => this.#alive && action()) };
  }

  get alive(): boolean {
    return this.#alive;
  }

  get paused(): boolean {
    return this.#pausedAt !== undefined;
  }

  get isRunning(): boolean {
    return this.#alive && !this.paused;
  }

  /**
   * How long it has stood still in all, by its own clock, as deadlines are: in twelve seconds a clock that
   * runs fast is 200 ms ahead (seed 2329492668).
   */
  get pausedMs(): number {
    return this.#pausedMs + (this.#pausedAt === undefined ? 0 : this.clock.now() - this.#pausedAt);
  }

  pause(): void {
    if (this.#alive) this.#pausedAt ??= this.clock.now();
  }

  resume(): void {
    this.#pausedMs = this.pausedMs;
    this.#pausedAt = undefined;
    this.#catchUp();
  }

  /** Nothing of it runs any more; what it left open learns of it. */
  end(): void {
    if (!this.#alive) return;
    this.#pausedMs = this.pausedMs;
    this.#pausedAt = undefined;
    this.#alive = false;
    this.#timers = [];
    this.#arrived = [];
    for (const action of [...this.#onEnd]) action();
  }

  /** @returns what takes it back */
  onEnd(action: () => void): () => void {
    this.#onEnd.add(action);
    return () => this.#onEnd.delete(action);
  }

  /**
   * Something from outside reaches it: a message, a finished write. Runs now, or when the process has come so
   * far.
   */
  deliver(action: () => void): void {
    if (!this.#alive) return;
    if (!this.paused && !this.#isBehind) action();
    else this.#arrived.push(action);
  }

  get #isBehind(): boolean {
    return this.#timers.length > 0 || this.#arrived.length > 0;
  }

  /**
   * As Node does it: whole milliseconds, cut off, and at least one. So a wait may end a little before its
   * deadline.
   */
  #after(ms: number, action: () => void): Timer {
    const due: Due = { action, cancelled: false };
    const waitMs = ms >= 1 ? Math.trunc(Math.min(ms, WAIT_MS_MAX)) : 1;
    const timer = this.#world.after(waitMs / this.#machine.rate, () => this.#fire(due));
    return {
      cancel: () => {
        due.cancelled = true;
        timer.cancel();
      },
    };
  }

  #fire(due: Due): void {
    if (!this.#alive) return;
    if (!this.paused && !this.#isBehind) due.action();
    else this.#timers.push(due);
  }

  /** Each of what waited is an event of its own; what comes meanwhile queues up behind it. */
  #catchUp(): void {
    if (this.#catchingUp || this.paused || !this.#isBehind) return;
    this.#catchingUp = true;
    this.#world.after(0, () => {
      this.#catchingUp = false;
      if (this.paused) return;
      this.#next()?.();
      this.#catchUp();
    });
  }

  #next(): (() => void) | undefined {
    for (;;) {
      const due = this.#timers.shift();
      if (due === undefined) return this.#arrived.shift();
      if (!due.cancelled) return due.action;
    }
  }
}
