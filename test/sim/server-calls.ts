/**
 * Calls of a simulated client to nodes, over the same network as the nodes' own: how long each may take, and
 * what its failure says.
 */
import { Buffer } from 'node:buffer';
import type { ServiceError } from '@grpc/grpc-js';
import { ReplicaFailed } from '../../src/ports/replica.ts';
import type { Channel, Sendable } from '../../src/rpc/channel.ts';
import type { Protos } from '../../src/wire/protos.ts';
import { DETAILS_HEADER, fromStatus } from '../../src/wire/status.ts';
import type { Ended, Operation } from './history.ts';
import type { Network } from './network/network.ts';
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
  readonly #channels = new Map<string, Channel>();

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
    if (error instanceof ReplicaFailed) return { ended: 'not applied', error: error.message };
    const { code, details, metadata } = error as ServiceError;
    if (code === undefined) throw error;
    const [said] = metadata.get(DETAILS_HEADER);
    const status = { code, message: details, details: said instanceof Buffer ? said : undefined };
    const failure = fromStatus(status, { write: kind !== 'get', protos: this.#parts.protos });
    return { ended: failure.outcome === 'unknown' ? 'unknown' : 'not applied', error: failure.message };
  }

  #channel(node: string): Channel {
    const { network, process } = this.#parts;
    const channel = this.#channels.get(node) ?? network.connect({ from: process, address: `${node}:client` });
    this.#channels.set(node, channel);
    return channel;
  }
}
