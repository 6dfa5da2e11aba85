/**
 * The way to a node by a gRPC call for each request. Costs ten times what a pipeline costs, and works through
 * every proxy.
 */
import type { Buffer } from 'node:buffer';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { Attempt } from './attempt.ts';
import { CHANNEL_OPTIONS, type OpenedFor, statusFailure } from './channel.ts';
import type { Line } from './known-node.ts';

/** Connects when it is first used. */
export class UnaryLine implements Line {
  readonly suspect = false;
  readonly #address: string;
  readonly #opened: OpenedFor;
  #client: Client | undefined;

  constructor(address: string, opened: OpenedFor) {
    this.#address = address;
    this.#opened = opened;
  }

  ask(attempt: Attempt): undefined {
    this.#client ??= new Client(this.#address, credentials.createInsecure(), CHANNEL_OPTIONS);
    const { surroundings, protos } = this.#opened;
    const { path, body, write } = attempt.question;
    const deadline = surroundings.wall() + attempt.deadline - surroundings.now();
    const metadata = new Metadata();
    const call = this.#client.makeUnaryRequest(
      path,
      same,
      same,
      body as Buffer,
      metadata,
      { deadline },
      (error, reply) => {
        if (error) attempt.fail(statusFailure(error, { write, protos }));
        else attempt.reply(reply!);
      },
    );
    attempt.onCancelled = () => call.cancel();
  }

  /** Calls under way come to their end. */
  rest(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  close(): void {
    this.rest();
  }
}

function same(bytes: Buffer): Buffer {
  return bytes;
}
