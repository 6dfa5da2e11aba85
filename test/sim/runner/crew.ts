/** The processes of one run. However the run ends, none of them outlives it. */
import type { OnBroken, Order } from './trial.ts';
import { type Answer, forkWorker, WorkerProcess } from './worker-process.ts';

export class Crew {
  readonly #all: WorkerProcess[] = [];

  /** Rejects when it cannot begin, as with a mutant that does not fit. */
  async start({ mutant }: { mutant?: number | undefined }): Promise<WorkerProcess> {
    const worker = new WorkerProcess(forkWorker(mutant));
    this.#all.push(worker);
    await worker.ready();
    return worker;
  }

  /** May be called again and again. */
  end(): void {
    for (const worker of this.#all) worker.end();
  }
}

/** One worker after the other, should one be lost. */
export class Steady {
  readonly #start: () => Promise<Pick<WorkerProcess, 'run' | 'end'>>;
  #worker: Pick<WorkerProcess, 'run' | 'end'> | undefined;

  constructor(start: () => Promise<Pick<WorkerProcess, 'run' | 'end'>>) {
    this.#start = start;
  }

  /** Rejects when a worker cannot begin, and for no other reason. */
  async run(order: Order, onBroken?: OnBroken): Promise<Answer> {
    this.#worker ??= await this.#start();
    const answer = await this.#worker.run(order, onBroken);
    if (answer.kind === 'crashed' || answer.kind === 'hung') this.end();
    return answer;
  }

  end(): void {
    this.#worker?.end();
    this.#worker = undefined;
  }
}
