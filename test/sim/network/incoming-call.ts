/**
 * A unary call at the process that serves it, from the moment the kernel there has it until its answer
 * leaves.
 */
import { serve } from '../../../src/rpc/serve.ts';
import type { Door, Method } from '../../../src/rpc/serving.ts';
import type { Protos } from '../../../src/wire/protos.ts';
import { type Status, toStatus } from '../../../src/wire/status.ts';
import type { Process } from '../time/process.ts';

/** What goes back over the wire. */
export type Answer = { readonly bytes: Uint8Array } | { readonly failed: Status };

/**
 * A method of a service as it is carried: how its messages are read and written, who answers, behind which
 * door.
 */
export interface UnaryCarriage {
  readonly method: Method<unknown, unknown>;
  readonly door: Door;
  readonly protos: Protos;
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

export interface IncomingParts {
  readonly process: Process;
  readonly carriage: UnaryCarriage;
  readonly request: Request;
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
    const arrival = {
      message: carriage.requestDeserialize(request.bytes),
      budgetMs: request.budgetMs,
      cancelled: this.#cancelled,
      onCancelled: (action: () => void) => void this.#onCancelled.push(action),
    };
    void serve(carriage.door, carriage.method, arrival).then(served => {
      if (!process.alive) return;
      this.answer(
        'reply' in served
          ? { bytes: carriage.responseSerialize(served.reply) }
          : { failed: toStatus(served.failed, carriage.protos) },
      );
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
}
