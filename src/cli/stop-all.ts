/**
 * Ending several nodes together: at the first signal they drain and close, at the second one they are killed.
 */
import type { NodeProcess } from './node-process.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A node that takes longer to drain (one that somebody froze takes for ever) is killed. */
const DRAIN_MS_MAX = 15_000;

export class StopAll {
  readonly #nodes: readonly NodeProcess[];
  #asked = false;
  #bySignal = false;

  constructor(nodes: readonly NodeProcess[]) {
    this.#nodes = nodes;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        this.#bySignal = true;
        this.now();
      });
    }
  }

  /** The nodes were told to end: what ends now is not missed. */
  get asked(): boolean {
    return this.#asked;
  }

  get bySignal(): boolean {
    return this.#bySignal;
  }

  now(): void {
    this.#signal(this.#asked ? 'SIGKILL' : 'SIGTERM');
    this.#asked = true;
    setTimeout(() => this.#signal('SIGKILL'), DRAIN_MS_MAX).unref();
  }

  #signal(signal: NodeJS.Signals): void {
    for (const node of this.#nodes) node.signal(signal);
  }
}
