/**
 * The line to one other node: sends over the channel of the address it has now, and reports to the node how that went. The channel
 * changes when the address does, or when it is kicked; the line stays.
 */
import type { ServiceError } from '@grpc/grpc-js';
import type { Call } from '../ports/call.ts';
import type { Failure } from '../ports/replica.ts';
import { ReplicaFailed } from '../ports/replica.ts';
import type { Protos } from '../wire/protos.ts';
import type { Channel, Sendable } from './channel.ts';
import { hasAnswered, readFailure } from './replica-failure.ts';

export interface LineOptions {
  readonly protos: Protos;
  /** Undefined while no address is known, and after closing. */
  readonly channel: () => Channel | undefined;
  /** Any answer came, a refusal included. */
  readonly heard: () => void;
  readonly failed: (failure: Failure) => void;
}

/** What may be under way to one node (DESIGN §13; TRAPS O1): a slow replica must not gather its coordinators' memory. */
const CALLS_MAX = 1024;
const BYTES_MAX = 64 * 1024 * 1024;

export interface Asked {
  readonly call: Call;
  readonly bytes?: number;
}

export class PeerLine {
  readonly #options: LineOptions;
  #calls = 0;
  #bytes = 0;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  get protos(): Protos {
    return this.#options.protos;
  }

  /**
   * Rejects with grpc-js's ServiceError, or with ReplicaFailed `not sent` when it was not even tried.
   * @param bytes about how large the message is; left out for a small one
   */
  async ask<I, O>(method: Sendable<I, O>, message: I, { call, bytes = 0 }: Asked): Promise<O> {
    const channel = this.#options.channel();
    if (channel === undefined) throw new ReplicaFailed('not sent', 'there is no address to send it to');
    if (this.#calls >= CALLS_MAX || (this.#calls > 0 && this.#bytes + bytes > BYTES_MAX))
      throw new ReplicaFailed('not sent', 'too much is under way to that node');
    this.#calls += 1;
    this.#bytes += bytes;
    try {
      const reply = await channel.send(method, message, call);
      this.#options.heard();
      return reply;
    } catch (error) {
      if (!(error instanceof ReplicaFailed)) this.#report(error as ServiceError);
      throw error;
    } finally {
      this.#calls -= 1;
      this.#bytes -= bytes;
    }
  }

  #report(error: ServiceError): void {
    if (hasAnswered(error)) this.#options.heard();
    else this.#options.failed(readFailure(error).failure);
  }
}
