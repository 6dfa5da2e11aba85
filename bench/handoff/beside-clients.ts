/**
 * Clients that ask at an even pace while a node is brought what it missed, and the same clients before that
 * and after it: what they notice. The pace is a part of what the cluster can do in the same minute, so that
 * what else keeps the machine busy counts on both sides.
 */
import { atTheEnd } from '../left-over.ts';
import { asked } from '../rows.ts';
import { Worker } from '../run/child.ts';
import { type Measured, median } from '../run/measured.ts';
import { loadJob, preloadJob } from '../shoal/load-jobs.ts';
import { atMost, type Figure } from './figure.ts';
import { keysNamed, onStage, type Stage, untilNothingIsOwed, writeKeys } from './stage.ts';
import { cpuSeconds, holdingOf } from './watch.ts';

export interface Beside {
  readonly keys: number;
  readonly windowSeconds: number;
  /** So many windows before, and as many after. */
  readonly windows: number;
}

const NODES = 3;
const PART_OF_PEAK = 0.3;
const PRELOAD_IN_FLIGHT = 16;
const TIMES_MAX = 2;
const ROW = asked({ nodes: NODES, durability: 'fsync' }, 64, { op: '50/50' });

export async function besideFigures(beside: Beside): Promise<readonly Figure[]> {
  return await onStage(NODES, async stage => {
    const worker = new Worker();
    atTheEnd(() => void worker.end());
    try {
      return await new BesideClients(stage, worker, beside).figures();
    } finally {
      await worker.end();
    }
  });
}

class BesideClients {
  readonly #stage: Stage;
  readonly #worker: Worker;
  readonly #beside: Beside;

  constructor(stage: Stage, worker: Worker, beside: Beside) {
    this.#stage = stage;
    this.#worker = worker;
    this.#beside = beside;
  }

  async figures(): Promise<readonly Figure[]> {
    const { cluster } = this.#stage;
    const { keys } = this.#beside;
    await this.#worker.measure(preloadJob(ROW, cluster, PRELOAD_IN_FLIGHT));
    // The first is what the compiler learns from.
    await this.#window();
    const peak = await this.#window();
    const rate = PART_OF_PEAK * peak.opsPerSecond;
    const before = await this.#windows('before', rate);
    await cluster.kill(NODES - 1);
    await writeKeys(this.#stage, keysNamed('k', keys));
    await cluster.revive(NODES - 1);
    const began = performance.now();
    const cpu = cpuSeconds(cluster.servers);
    const during = await this.#whileOwed(rate);
    const seconds = (performance.now() - began) / 1000;
    const used = cpuSeconds(cluster.servers).reduce((sum, now, i) => sum + now - cpu[i]!, 0);
    const after = await this.#windows('after', rate);
    return [
      { what: 'beside clients: what they ask a second, of the peak', measured: `${rate.toFixed(0)}, 30 %` },
      ...judged({ before, during, after }),
      { what: `beside clients: until ${keys} keys are handed off`, measured: `${seconds.toFixed(0)} s` },
      {
        what: 'beside clients: CPU of all nodes meanwhile',
        measured: `${(used / seconds).toFixed(2)} cores`,
      },
    ];
  }

  /** Windows one after the other until nothing is owed; the one in which that came about counts too. */
  async #whileOwed(rate: number): Promise<readonly Measured[]> {
    let owed = true;
    const settled = untilNothingIsOwed(this.#stage, () => {}).finally(() => {
      owed = false;
    });
    const measured: Measured[] = [];
    while (owed) measured.push(await this.#told('meanwhile', rate));
    await settled;
    return measured;
  }

  async #windows(when: string, rate: number): Promise<readonly Measured[]> {
    const measured: Measured[] = [];
    while (measured.length < this.#beside.windows) measured.push(await this.#told(when, rate));
    return measured;
  }

  /** For those who wait. */
  async #told(when: string, rate: number): Promise<Measured> {
    const measured = await this.#window(rate);
    const { hints } = await holdingOf(this.#stage.cluster.addresses);
    const { p50Ms, p99Ms, opsPerSecond } = measured;
    const latency = `p50 ${p50Ms.toFixed(1)}, p99 ${p99Ms.toFixed(1)} ms`;
    process.stderr.write(`${when}: ${opsPerSecond.toFixed(0)}/s, ${latency}, ${hints} hints left\n`);
    return measured;
  }

  #window(rate?: number): Promise<Measured> {
    const times = { warmUpMs: 500, measuredMs: this.#beside.windowSeconds * 1000, rate };
    return this.#worker.measure(loadJob(ROW, this.#stage.cluster, times));
  }
}

interface Windows {
  readonly before: readonly Measured[];
  readonly during: readonly Measured[];
  readonly after: readonly Measured[];
}

/** By the medians of windows: one moment of another's work must not decide. */
function judged({ before, during, after }: Windows): readonly Figure[] {
  const p99 = (windows: readonly Measured[]) => median(windows.map(({ p99Ms }) => p99Ms));
  const p50 = (windows: readonly Measured[]) => median(windows.map(({ p50Ms }) => p50Ms));
  const failed = [...before, ...during, ...after].reduce((sum, window) => sum + window.failed, 0);
  const shown = (windows: readonly Measured[]) => `${p50(windows).toFixed(1)}, ${p99(windows).toFixed(1)} ms`;
  return [
    { what: 'beside clients: p50, p99 before', measured: shown(before) },
    { what: 'beside clients: p50, p99 meanwhile', measured: shown(during) },
    { what: 'beside clients: p50, p99 after', measured: shown(after) },
    {
      what: 'beside clients: p99 meanwhile, of p99 without',
      ...atMost(p99(during) / p99([...before, ...after]), TIMES_MAX, times => `${times.toFixed(2)} ×`),
    },
    { what: 'beside clients: calls that failed', measured: String(failed) },
  ];
}
