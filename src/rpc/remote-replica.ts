/**
 * Another node's replica, over its line: the very failures of a loopback (test/contract/replica.contract.ts).
 */
import type { Call } from '../ports/call.ts';
import {
  type ApplyReply,
  type ApplyRequest,
  type HandOffReply,
  type Located,
  type ReadReply,
  type ReadRequest,
  type Replica,
  ReplicaFailed,
  type ScanReply,
  type ScanRequest,
} from '../ports/replica.ts';
import { handOffRequestMessage, readHandOffReply } from '../wire/hand-off-messages.ts';
import {
  applyRequestMessage,
  readApplyReply,
  readReadReply,
  readRequestMessage,
} from '../wire/replica-messages.ts';
import { readScanReply, scanRequestMessage } from '../wire/scan-messages.ts';
import { type PeerLine, PeerRefused } from './peer-line.ts';

export class RemoteReplica implements Replica {
  readonly #line: PeerLine;
  readonly #stamp: () => Uint8Array;

  /** @param stamp encoded */
  constructor(line: PeerLine, stamp: () => Uint8Array) {
    this.#line = line;
    this.#stamp = stamp;
  }

  async read(request: ReadRequest, call: Call): Promise<ReadReply> {
    const message = readRequestMessage(request, this.#stamp());
    const reply = await this.#line.ask(this.#line.protocol.Read, message, call).catch(replicaFailed);
    return understood(readReadReply(reply, request));
  }

  async apply(request: ApplyRequest, call: Call): Promise<ApplyReply> {
    const message = applyRequestMessage(request, this.#stamp());
    return understood(
      readApplyReply(await this.#line.ask(this.#line.protocol.Apply, message, call).catch(replicaFailed)),
    );
  }

  async scan(request: ScanRequest, call: Call): Promise<ScanReply> {
    const message = scanRequestMessage(request, this.#stamp());
    const reply = await this.#line.ask(this.#line.protocol.Scan, message, call).catch(replicaFailed);
    return understood(readScanReply(reply, request));
  }

  async handOff(records: readonly Located[], call: Call): Promise<HandOffReply> {
    const message = handOffRequestMessage(records, this.#stamp());
    const reply = await this.#line.ask(this.#line.protocol.HandOff, message, call).catch(replicaFailed);
    return understood(readHandOffReply(reply, records));
  }
}

/** The reply, or `lost` when it made no sense: what was asked may have happened. */
export function understood<T>(reply: T | undefined): T {
  if (reply === undefined) throw new ReplicaFailed('lost', 'its answer is malformed');
  return reply;
}

/** @throws ReplicaFailed always */
export function replicaFailed(error: unknown): never {
  throw error instanceof PeerRefused ? new ReplicaFailed('lost', error.message, { cause: error }) : error;
}
