/** Another node's replica, over its line: the very failures of a loopback (test/contract/replica.contract.ts). */
import type { ServiceError } from '@grpc/grpc-js';
import type { Call } from '../ports/call.ts';
import type { Stamp } from '../ports/peers.ts';
import {
  type ApplyReply,
  type ApplyRequest,
  type ReadReply,
  type ReadRequest,
  type Replica,
  ReplicaFailed,
  type ScanReply,
  type ScanRequest,
} from '../ports/replica.ts';
import {
  applyRequestMessage,
  readApplyReply,
  readReadReply,
  readRequestMessage,
} from '../wire/replica-messages.ts';
import { readScanReply, scanRequestMessage } from '../wire/scan-messages.ts';
import type { Sendable } from './channel.ts';
import type { Asked, PeerLine } from './peer-line.ts';
import { readFailure } from './replica-failure.ts';

export class RemoteReplica implements Replica {
  readonly #line: PeerLine;
  readonly #stamp: () => Stamp;

  constructor(line: PeerLine, stamp: () => Stamp) {
    this.#line = line;
    this.#stamp = stamp;
  }

  async read(request: ReadRequest, call: Call): Promise<ReadReply> {
    const message = readRequestMessage(request, this.#stamp());
    return understood(
      readReadReply(await this.#ask(this.#line.protos.peer.Read, message, { call }), request),
    );
  }

  async apply(request: ApplyRequest, call: Call): Promise<ApplyReply> {
    const message = applyRequestMessage(request, this.#stamp());
    const asked = { call, bytes: request.record.bytes.byteLength };
    return understood(readApplyReply(await this.#ask(this.#line.protos.peer.Apply, message, asked)));
  }

  async scan(request: ScanRequest, call: Call): Promise<ScanReply> {
    const message = scanRequestMessage(request, this.#stamp());
    return understood(
      readScanReply(await this.#ask(this.#line.protos.peer.Scan, message, { call }), request),
    );
  }

  async #ask<I, O>(method: Sendable<I, O>, message: I, asked: Asked): Promise<O> {
    return await this.#line.ask(method, message, asked).catch(replicaFailed);
  }
}

/** The reply, or `lost` when it made no sense: what was asked may have happened. */
export function understood<T>(reply: T | undefined): T {
  if (reply === undefined) throw new ReplicaFailed('lost', 'its answer is malformed');
  return reply;
}

/** @throws ReplicaFailed always */
export function replicaFailed(error: ServiceError | ReplicaFailed): never {
  throw error instanceof ReplicaFailed ? error : readFailure(error);
}
