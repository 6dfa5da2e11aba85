/**
 * A worker, seen from the process that started it: one order at a time, one outcome for each. A worker that ends or hangs is an outcome too:
 * seeds are run in processes of their own because a bug may take its process with it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Order, Outcome } from './trial.ts';

export type FromWorker = { readonly kind: 'ready' } | Outcome;

export type Answer = Outcome | { readonly kind: 'crashed'; readonly text: string };

/** A seed takes seconds. Only one that waits for something that never comes takes this long; shrinking has its own minute. */
const ORDER_MS_MAX = 120_000;
const SHRINKING_MS_MAX = 120_000;

export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<string>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#gone = new Promise(resolve => {
      child.once('exit', (code, signal) => resolve(`its process ended with ${signal ?? `status ${code}`}`));
    });
  }

  /** Rejects when it cannot begin, as with a mutant that does not fit. */
  static async start({ mutant }: { mutant?: number | undefined }): Promise<WorkerProcess> {
    const path = fileURLToPath(new URL('./worker.js', import.meta.url));
    const words = mutant === undefined ? [] : [String(mutant)];
    const child = fork(path, words, {
      serialization: 'advanced',
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    const worker = new WorkerProcess(child);
    const ended = await Promise.race([once(child, 'message').then(() => undefined), worker.#gone]);
    if (ended !== undefined) throw new Error(`a worker could not begin: ${ended}`);
    return worker;
  }

  /** Never rejects. After `crashed` the worker is of no use any more. */
  async run(order: Order): Promise<Answer> {
    const answered = once(this.#child, 'message').then(([outcome]) => outcome as Outcome);
    const timeLimit = ORDER_MS_MAX + (order.explain ? SHRINKING_MS_MAX : 0);
    const timer = setTimeout(() => this.end(), timeLimit);
    this.#child.send(order);
    const answer = await Promise.race([answered, this.#gone]);
    clearTimeout(timer);
    return typeof answer === 'string' ? { kind: 'crashed', text: this.#epitaph(answer) } : answer;
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }

  #epitaph(how: string): string {
    return this.#child.killed ? 'it did not come to an end, and was killed' : how;
  }
}
