/**
 * Another node's coordinator, over its line: what a node that is no replica of a key hands on (DESIGN §6), with the write id, so
 * that a second try is the same write. Three ends: the other's answer or its ShoalError; ReplicaFailed `not sent` when it provably
 * did not begin, so that the next replica may be tried; OUTCOME_UNKNOWN when its answer was lost.
 */
import type { ServiceError } from '@grpc/grpc-js';
import { AssertionFailed } from '../base/assert.ts';
import { ShoalError } from '../base/errors.ts';
import type { Call } from '../ports/call.ts';
import type { Stamp } from '../ports/peers.ts';
import { ReplicaFailed } from '../ports/replica.ts';
import type { DeleteRequest, PutRequest, Requests, WriteReply } from '../ports/requests.ts';
import { readWriteReply } from '../wire/replies.ts';
import { deleteMessage, putMessage } from '../wire/requests.ts';
import { stampMessage } from '../wire/stamp.ts';
import { DETAILS_HEADER, fromStatus } from '../wire/status.ts';
import type { PeerLine } from './peer-line.ts';
import { readFailure } from './replica-failure.ts';

export class RemoteCoordinator implements Requests {
  readonly #line: PeerLine;
  readonly #stamp: () => Stamp;

  constructor(line: PeerLine, stamp: () => Stamp) {
    this.#line = line;
    this.#stamp = stamp;
  }

  get(): Promise<never> {
    return Promise.reject(new AssertionFailed('a get is never handed on: every node coordinates reads'));
  }

  async put(request: PutRequest, call: Call): Promise<WriteReply> {
    const message = { stamp: stampMessage(this.#stamp()), put: putMessage(request) };
    const reply = this.#line.ask(this.#line.protos.peer.HandOnPut, message, {
      call,
      bytes: request.value.byteLength,
    });
    const { put } = await reply.catch((error: unknown) => this.#failed(error));
    return understood(put && readWriteReply(put));
  }

  async delete(request: DeleteRequest, call: Call): Promise<WriteReply> {
    const message = { stamp: stampMessage(this.#stamp()), delete: deleteMessage(request) };
    const reply = this.#line.ask(this.#line.protos.peer.HandOnDelete, message, { call });
    const { delete: deleted } = await reply.catch((error: unknown) => this.#failed(error));
    return understood(deleted && readWriteReply(deleted));
  }

  #failed(error: unknown): never {
    if (error instanceof ReplicaFailed) throw error;
    throw handOnError(error as ServiceError, this.#line);
  }
}

function handOnError(error: ServiceError, { protos }: Pick<PeerLine, 'protos'>): Error {
  const [details] = error.metadata.get(DETAILS_HEADER);
  if (details instanceof Buffer) {
    return fromStatus({ code: error.code, message: error.details, details }, { write: true, protos });
  }
  const { failure, message } = readFailure(error);
  return failure === 'lost' ? lost(message, error) : new ReplicaFailed('not sent', message, { cause: error });
}

function understood(reply: WriteReply | null): WriteReply {
  if (reply === null) throw lost('it is malformed');
  return reply;
}

function lost(why: string, cause?: unknown): ShoalError {
  const detail = `the request was handed on to a replica, and its answer was lost: ${why}`;
  return new ShoalError('OUTCOME_UNKNOWN', detail, { outcome: 'unknown', cause });
}
