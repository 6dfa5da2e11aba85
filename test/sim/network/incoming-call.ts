/** A call at the process that serves it, from the moment the kernel there has it until its answer leaves. */
import type { Method, Served } from '../../../src/rpc/serving.ts';
import { type Door, serve } from '../../../src/rpc/serving.ts';
import type { Process } from '../time/process.ts';

/** What goes back over the wire. */
export type Answer = { readonly bytes: Uint8Array } | Extract<Served<never>, { failed: unknown }>;

/**
 * A method of a service as it is carried: how its messages are read and written, who answers, behind which
 * door.
 */
export interface Carriage {
  readonly method: Method<unknown, unknown>;
  readonly door: Door;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
  readonly responseSerialize: (reply: unknown) => Buffer;
}

export interface Request {
  readonly path: string;
  readonly bytes: Buffer;
  /**
   * How long its caller still waited when it left: what it waits on its way is not known here, as over gRPC.
   */
  readonly budgetMs: number;
}

/** For oracles: a call that was served, by the clock of the process that served it. */
export interface ServedCall {
  /** `Apply`, `Put` … */
  readonly method: string;
  readonly node: string;
  /** When the process read it. */
  readonly arrivedAt: number;
  /** When its caller's patience ends, if no time went by on the way. */
  readonly deadline: number;
  readonly endedAt: number;
  /** How long the process stood still in between, true ms. */
  readonly pausedMs: number;
  /** In words, when it was refused or failed. */
  readonly failure: string | undefined;
}

export interface IncomingParts {
  readonly process: Process;
  readonly carriage: Carriage;
  readonly request: Request;
  readonly onServed: (served: ServedCall) => void;
  /** Called at most once. */
  readonly answer: (answer: Answer) => void;
}

export class IncomingCall {
  readonly #parts: IncomingParts;
  readonly #onCancelled: (() => void)[] = [];
  #cancelled = false;
  #answered = false;

  constructor(parts: IncomingParts) {
    this.#parts = parts;
  }

  /** The process reads it. Whatever goes wrong from here on is its answer. */
  run(): void {
    const { carriage, request, process } = this.#parts;
    const arrivedAt = process.clock.now();
    const pausedMs = process.pausedMs;
    const arrival = {
      message: carriage.requestDeserialize(request.bytes),
      budgetMs: request.budgetMs,
      cancelled: this.#cancelled,
      onCancelled: (action: () => void) => void this.#onCancelled.push(action),
    };
    void serve(carriage.door, carriage.method, arrival).then(served => {
      if (!process.alive) return;
      this.#tell({ arrivedAt, pausedMs, failure: 'failed' in served ? served.failed.details : undefined });
      this.answer('reply' in served ? { bytes: carriage.responseSerialize(served.reply) } : served);
    });
  }

  /** Its caller has gone away. */
  cancel(): void {
    this.#cancelled = true;
    for (const action of this.#onCancelled) action();
  }

  /** The first answer counts: a connection that broke can take none. */
  answer(answer: Answer): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#parts.answer(answer);
  }

  #tell(before: Pick<ServedCall, 'arrivedAt' | 'pausedMs' | 'failure'>): void {
    const { process, carriage, request, onServed } = this.#parts;
    onServed({
      method: carriage.method.name,
      node: process.name,
      arrivedAt: before.arrivedAt,
      deadline: before.arrivedAt + request.budgetMs,
      endedAt: process.clock.now(),
      pausedMs: process.pausedMs - before.pausedMs,
      failure: before.failure,
    });
  }
}
