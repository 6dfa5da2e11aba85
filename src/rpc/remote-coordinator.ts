/**
 * Another node's coordinator, over its line: what a node that is no replica of a key hands on (DESIGN §6),
 * with the write id, so that a second try is the same write. Three ends: the other's answer or its
 * ShoalError; ReplicaFailed `not sent` when it provably did not begin, so that the next replica may be tried;
 * OUTCOME_UNKNOWN when its answer was lost.
 */
import { AssertionFailed } from '../base/assert.ts';
import { asBuffer } from '../base/bytes.ts';
import { ShoalError } from '../base/errors.ts';
import type { Call } from '../ports/call.ts';
import { ReplicaFailed } from '../ports/replica.ts';
import type { DeleteRequest, PutRequest, Requests, WriteReply } from '../ports/requests.ts';
import { readWriteReply } from '../wire/replies.ts';
import { deleteMessage, putMessage } from '../wire/requests.ts';
import { fromFailure } from '../wire/status.ts';
import { type PeerLine, PeerRefused } from './peer-line.ts';

export class RemoteCoordinator implements Requests {
  readonly #line: PeerLine;
  readonly #stamp: () => Uint8Array;

  /** @param stamp encoded */
  constructor(line: PeerLine, stamp: () => Uint8Array) {
    this.#line = line;
    this.#stamp = stamp;
  }

  get(): Promise<never> {
    return Promise.reject(new AssertionFailed('a get is never handed on: every node coordinates reads'));
  }

  async put(request: PutRequest, call: Call): Promise<WriteReply> {
    const message = { stamp: asBuffer(this.#stamp()), put: putMessage(request) };
    const { put } = await this.#line.ask(this.#line.protocol.HandOnPut, message, call).catch(handOnFailed);
    return understood(put && readWriteReply(put));
  }

  async delete(request: DeleteRequest, call: Call): Promise<WriteReply> {
    const message = { stamp: asBuffer(this.#stamp()), delete: deleteMessage(request) };
    const reply = await this.#line.ask(this.#line.protocol.HandOnDelete, message, call).catch(handOnFailed);
    return understood(reply.delete && readWriteReply(reply.delete));
  }
}

function handOnFailed(error: unknown): never {
  if (error instanceof PeerRefused) throw fromFailure(error.failure, { write: true });
  if (!(error instanceof ReplicaFailed)) throw error;
  if (error.failure === 'lost') throw lost(error.message, error);
  // Refused before it came to the coordinator is as good as not sent.
  throw new ReplicaFailed('not sent', error.message, { cause: error });
}

function understood(reply: WriteReply | null): WriteReply {
  if (reply === null) throw lost('it is malformed');
  return reply;
}

function lost(why: string, cause?: unknown): ShoalError {
  const detail = `the request was handed on to a replica, and its answer was lost: ${why}`;
  return new ShoalError('OUTCOME_UNKNOWN', detail, { outcome: 'unknown', cause });
}
