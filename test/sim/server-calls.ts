/**
 * Calls of a simulated client to nodes, over the same network as the nodes' own: how long each may take, and
 * what its failure says.
 */
import type { Protos } from '../../src/wire/protos.ts';
import { fromStatus } from '../../src/wire/status.ts';
import type { Ended, Operation } from './history.ts';
import type { Network } from './network/network.ts';
import { CallFailed } from './network/statuses.ts';
import type { Sendable, UnaryChannel } from './network/unary-channel.ts';
import type { Process } from './time/process.ts';

export interface ServerCallsParts {
  readonly process: Process;
  readonly network: Network;
  readonly protos: Protos;
  /** Chance that a failed call is tried again. */
  readonly retries: number;
}

export type Send = <I, O>(method: Sendable<I, O>, message: I) => Promise<O>;

const TRY_MS_MAX = 3_000;

export class ServerCalls {
  readonly #parts: ServerCallsParts;
  readonly #channels = new Map<string, UnaryChannel>();

  constructor(parts: ServerCallsParts) {
    this.#parts = parts;
  }

  /**
   * Sends to that node. Half of what is left goes to each try, so that there is time for another.
   * @param options.end by the client's clock
   */
  sender({ node, end }: { node: string; end: number }): Send {
    const { process, retries } = this.#parts;
    const now = process.clock.now();
    const tryMs = Math.min((end - now) * (retries > 0 ? 0.5 : 1), TRY_MS_MAX);
    const call = { deadline: now + tryMs, cancelled: false };
    return (method, message) => this.#channel(node).send(method, message, call);
  }

  failureOf(error: unknown, { kind }: Pick<Operation, 'kind'>): { ended: Ended; error: string } {
    if (!(error instanceof CallFailed)) throw error;
    const failure = fromStatus(error.status, { write: kind !== 'get', protos: this.#parts.protos });
    return { ended: failure.outcome === 'unknown' ? 'unknown' : 'not applied', error: failure.message };
  }

  #channel(node: string): UnaryChannel {
    const { network, process } = this.#parts;
    const channel = this.#channels.get(node) ?? network.unary({ from: process, address: `${node}:client` });
    this.#channels.set(node, channel);
    return channel;
  }
}
