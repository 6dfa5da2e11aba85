/**
 * A worker, seen from the process that started it: one order at a time, one answer for each. A worker that
 * ends or hangs is an answer too: seeds are run in processes of their own because a bug may take its process
 * with it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Invariant } from '../oracle.ts';
import type { OnBroken, Order, Outcome } from './trial.ts';

interface Broken {
  readonly kind: 'broken';
  readonly invariant: Invariant;
}

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unfit'; readonly text: string }
  | Broken
  | Outcome;

/** After one that is `crashed` or `hung` the worker is of no use any more. */
export type Answer = Outcome | { readonly kind: 'crashed' | 'hung'; readonly text: string };

/**
 * A seed takes seconds. Only one that waits for something that never comes, or a very slow machine, takes
 * this long.
 */
const ANSWER_MS_MAX = 120_000;
/** Shrinking has its own minute, and then runs one more. */
const SHRINKING_MS_MAX = 120_000;
/** Whoever replays a seed watches it, and may read in a pager for hours: as long as a timer can wait. */
const REPLAYING_MS_MAX = 2 ** 31 - 1;

/** @param mutant the number of the one that is put into its code */
export function forkWorker(mutant: number | undefined): ChildProcess {
  const path = fileURLToPath(new URL('./worker.js', import.meta.url));
  const words = mutant === undefined ? [] : [String(mutant)];
  return fork(path, words, {
    serialization: 'advanced',
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
}

export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #answerMsMax: number;
  /**
   * How it came to its end. An order sent to a dead child is such an `error`, and so is a fork that failed.
   */
  readonly #gone: Promise<string>;

  constructor(child: ChildProcess, { answerMsMax = ANSWER_MS_MAX }: { answerMsMax?: number } = {}) {
    this.#child = child;
    this.#answerMsMax = answerMsMax;
    this.#gone = new Promise(resolve => {
      child.once('exit', (code, signal) => resolve(`its process ended with ${signal ?? `status ${code}`}`));
      child.on('error', ({ message }) => resolve(`its process is lost: ${message}`));
    });
  }

  /** Rejects when it cannot begin, as with a mutant that does not fit. */
  async ready(): Promise<void> {
    const answer = await this.#next(this.#answerMsMax);
    if (answer.kind === 'crashed' || answer.kind === 'hung' || answer.kind === 'unfit')
      throw new Error(`a worker could not begin: ${answer.text}`);
  }

  /** Never rejects. */
  async run(order: Order, onBroken?: OnBroken): Promise<Answer> {
    const answer = this.#next(this.#msMax(order), onBroken);
    this.#child.send(order);
    return (await answer) as Answer;
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }

  #msMax({ explain, replay }: Order): number {
    if (replay) return REPLAYING_MS_MAX;
    return this.#answerMsMax + (explain ? SHRINKING_MS_MAX : 0);
  }

  /** What it answers next; ends it when that takes too long. */
  async #next(msMax: number, onBroken?: OnBroken): Promise<FromWorker | Answer> {
    const { promise: late, timer } = lateness(msMax);
    const crashed = this.#gone.then(text => ({ kind: 'crashed', text }) as const);
    const answer = await Promise.race([this.#message(onBroken), crashed, late]);
    clearTimeout(timer);
    if (answer.kind === 'hung') this.end();
    return answer;
  }

  #message(onBroken?: OnBroken): Promise<FromWorker> {
    return new Promise(resolve => {
      const hear = (message: FromWorker) => {
        if (message.kind === 'broken') return onBroken?.(message.invariant);
        this.#child.off('message', hear);
        resolve(message);
      };
      this.#child.on('message', hear);
    });
  }
}

function lateness(ms: number): { promise: Promise<Answer>; timer: NodeJS.Timeout } {
  let timer!: NodeJS.Timeout;
  const promise = new Promise<Answer>(resolve => {
    timer = setTimeout(() => resolve({ kind: 'hung', text: `no answer within ${ms / 1000} s` }), ms);
  });
  return { promise, timer };
}
