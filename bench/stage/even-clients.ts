/**
 * Clients that ask at an even pace, half reads and half writes, window by window. The pace is a part of what
 * the cluster can do in the same minute, so that what else keeps the machine busy counts on both sides.
 */
import { atTheEnd } from '../left-over.ts';
import { asked } from '../rows.ts';
import { Worker } from '../run/child.ts';
import type { Measured } from '../run/measured.ts';
import { loadJob, preloadJob } from '../shoal/load-jobs.ts';
import { tell } from './progress.ts';
import type { Stage } from './stage.ts';

export interface Windows {
  readonly windowSeconds: number;
  /** So many when nothing else is under way. */
  readonly windows: number;
  /** No more of them beside something that takes very long: what clients notice of it is seen sooner. */
  readonly windowsMax?: number;
}

/** What is under way beside them. */
export interface Meanwhile {
  /** Resolves when it is over. */
  readonly over: Promise<unknown>;
  /** For those who wait: how far it is. */
  readonly left: () => Promise<string>;
}

const PART_OF_PEAK = 0.3;
const PRELOAD_IN_FLIGHT = 16;
const ROW = asked({ nodes: 3, durability: 'fsync' }, 64, { op: '50/50' });

/** @param stage of three nodes */
export async function withEvenClients<T>(
  stage: Stage,
  windows: Windows,
  use: (clients: EvenClients) => Promise<T>,
): Promise<T> {
  const worker = new Worker();
  atTheEnd(() => void worker.end());
  try {
    const clients = new EvenClients(stage, worker, windows);
    await clients.findPace();
    return await use(clients);
  } finally {
    await worker.end();
  }
}

export class EvenClients {
  readonly #stage: Stage;
  readonly #worker: Worker;
  readonly #windows: Windows;
  #rate = 0;

  constructor(stage: Stage, worker: Worker, windows: Windows) {
    this.#stage = stage;
    this.#worker = worker;
    this.#windows = windows;
  }

  /** What they ask a second. */
  get rate(): number {
    return this.#rate;
  }

  async findPace(): Promise<void> {
    await this.#worker.measure(preloadJob(ROW, this.#stage.cluster, PRELOAD_IN_FLIGHT));
    // The first is what the compiler learns from.
    await this.#window();
    const peak = await this.#window();
    this.#rate = PART_OF_PEAK * peak.opsPerSecond;
  }

  /** @param when for those who wait */
  async alone(when: string): Promise<readonly Measured[]> {
    const measured: Measured[] = [];
    while (measured.length < this.#windows.windows) measured.push(await this.#told(when, async () => ''));
    return measured;
  }

  /**
   * Windows one after the other until it is over, or they are enough, and then until it is over; the one in
   * which that came about counts too.
   */
  async beside({ over, left }: Meanwhile): Promise<readonly Measured[]> {
    const { windowsMax = Number.POSITIVE_INFINITY } = this.#windows;
    let isOver = false;
    const settled = over.finally(() => {
      isOver = true;
    });
    settled.catch(() => {}); // heard below
    const measured: Measured[] = [];
    while (!isOver && measured.length < windowsMax) measured.push(await this.#told('meanwhile', left));
    await settled;
    return measured;
  }

  async #told(when: string, left: () => Promise<string>): Promise<Measured> {
    const measured = await this.#window(this.#rate);
    const { p50Ms, p99Ms, opsPerSecond } = measured;
    const latency = `p50 ${p50Ms.toFixed(1)}, p99 ${p99Ms.toFixed(1)} ms`;
    tell(`${when}: ${opsPerSecond.toFixed(0)}/s, ${latency} ${await left()}`);
    return measured;
  }

  #window(rate?: number): Promise<Measured> {
    const times = { warmUpMs: 500, measuredMs: this.#windows.windowSeconds * 1000, rate };
    return this.#worker.measure(loadJob(ROW, this.#stage.cluster, times));
  }
}
