/**
 * What `PeerChannel` is in production (src/rpc/peer-channel.ts), over the simulated network: the same
 * budgets, the same refusals, real bytes.
 */
import type { Call } from '../../../src/ports/call.ts';
import { ReplicaFailed } from '../../../src/ports/replica.ts';
import type { Channel, Sendable } from '../../../src/rpc/channel.ts';
import type { Process } from '../time/process.ts';
import type { OutgoingCall } from './outgoing-call.ts';
import { closedBefore, serviceError } from './statuses.ts';

/** A message on its way out. */
export interface Outgoing {
  readonly path: string;
  readonly message: unknown;
  readonly bytes: Buffer;
  readonly budgetMs: number;
}

type End = { readonly bytes: Buffer } | { readonly error: Error } | undefined;

export interface SimChannelOptions {
  readonly from: Process;
  /** Hands it to the network. */
  readonly begin: (outgoing: Outgoing, onEnd: (end: End) => void) => OutgoingCall;
}

/** No call waits longer, as in production. */
const BUDGET_MS_MAX = 60_000;

export class SimChannel implements Channel {
  readonly #options: SimChannelOptions;
  readonly #underWay = new Set<OutgoingCall>();
  #open = true;
  #onIdle: (() => void) | undefined;

  constructor(options: SimChannelOptions) {
    this.#options = options;
    options.from.onEnd(() => {
      for (const call of [...this.#underWay]) call.abandon();
    });
  }

  send<I, O>(method: Sendable<I, O>, message: I, call: Call): Promise<O> {
    // What is left of a process that has ended sends nothing.
    if (!this.#options.from.alive) return new Promise(() => {});
    const budgetMs = Math.min(call.deadline - this.#options.from.clock.now(), BUDGET_MS_MAX);
    if (call.cancelled || budgetMs <= 0) {
      return Promise.reject(new ReplicaFailed('not sent', 'nobody waits for the answer any more'));
    }
    if (!this.#open) return Promise.reject(serviceError(closedBefore()));
    const bytes = method.requestSerialize(message);
    return new Promise((resolve, reject) => {
      const outgoing = this.#options.begin({ path: method.path, message, bytes, budgetMs }, end => {
        this.#ended(outgoing);
        if (end === undefined) return;
        if ('error' in end) reject(end.error);
        else resolve(method.responseDeserialize(end.bytes));
      });
      this.#underWay.add(outgoing);
    });
  }

  retire(onClosed: () => void): void {
    this.#open = false;
    this.#onIdle = onClosed;
    if (this.#underWay.size === 0) onClosed();
  }

  close(): void {
    this.#open = false;
    for (const call of [...this.#underWay]) call.cancel();
  }

  #ended(call: OutgoingCall): void {
    this.#underWay.delete(call);
    if (this.#underWay.size === 0) this.#onIdle?.();
  }
}
