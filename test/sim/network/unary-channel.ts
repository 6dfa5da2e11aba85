/**
 * Unary calls of a client to one address, as any gRPC client makes them, over the simulated network: real
 * bytes, a deadline, and failures in the form that production reads (src/wire/status.ts).
 */
import type { Call } from '../../../src/ports/call.ts';
import type { Process } from '../time/process.ts';
import type { OutgoingCall } from './outgoing-call.ts';

/** What a MethodDefinition holds of its two messages. */
export interface Sendable<I, O> {
  readonly path: string;
  readonly requestSerialize: (message: I) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => O;
}

/** A message on its way out. */
export interface Outgoing {
  readonly path: string;
  readonly message: unknown;
  readonly bytes: Buffer;
  readonly budgetMs: number;
}

type End = { readonly bytes: Buffer } | { readonly error: Error } | undefined;

export interface UnaryChannelOptions {
  readonly from: Process;
  /** Hands it to the network. */
  readonly begin: (outgoing: Outgoing, onEnd: (end: End) => void) => OutgoingCall;
}

export class UnaryChannel {
  readonly #options: UnaryChannelOptions;
  readonly #underWay = new Set<OutgoingCall>();

  constructor(options: UnaryChannelOptions) {
    this.#options = options;
    options.from.onEnd(() => {
      for (const call of [...this.#underWay]) call.abandon();
    });
  }

  /** Rejects with {@link CallFailed} (statuses.ts). */
  send<I, O>(method: Sendable<I, O>, message: I, { deadline }: Call): Promise<O> {
    const { from, begin } = this.#options;
    // What is left of a process that has ended sends nothing.
    if (!from.alive) return new Promise(() => {});
    const budgetMs = Math.max(1, deadline - from.clock.now());
    const bytes = method.requestSerialize(message);
    return new Promise((resolve, reject) => {
      const outgoing = begin({ path: method.path, message, bytes, budgetMs }, end => {
        this.#underWay.delete(outgoing);
        if (end === undefined) return;
        if ('error' in end) reject(end.error);
        else resolve(method.responseDeserialize(end.bytes));
      });
      this.#underWay.add(outgoing);
    });
  }
}
