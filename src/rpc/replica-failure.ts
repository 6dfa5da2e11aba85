/**
 * How a replica's failure crosses the wire: as a Failure without a reason, with the kind of failure in its
 * metadata, so that the caller gets the very ReplicaFailed that a loopback would have thrown.
 */
import { ShoalError } from '../base/errors.ts';
import { ReplicaFailed, type Failure as ReplicaFailure, replicaFailedBy } from '../ports/replica.ts';
import type { Failure } from '../wire/status.ts';

const KIND = 'replica-failure';
const KINDS: readonly ReplicaFailure[] = ['not sent', 'lost', 'refused', 'overloaded'];
const FAILED_PRECONDITION = 9;

/** What goes over the wire for a ReplicaFailed; undefined for any other error. */
export function refusal(error: unknown): Failure | undefined {
  return error instanceof ReplicaFailed ? failure(error.failure, error.message) : undefined;
}

/**
 * The same, with the errors of the door in that form too: a replica fails in no other. Undefined for what
 * nobody foresaw.
 */
export function replicaFailure(error: unknown): Failure | undefined {
  if (error instanceof ReplicaFailed) return refusal(error);
  if (!(error instanceof ShoalError)) return undefined;
  return refusal(replicaFailedBy(error));
}

/** The ReplicaFailed behind a failure; undefined when it is a ShoalError's. */
export function readReplicaFailure({ message, metadata }: Failure): ReplicaFailed | undefined {
  const said = KINDS.find(kind => kind === metadata[KIND]);
  return said && new ReplicaFailed(said, message);
}

function failure(kind: ReplicaFailure, detail: string): Failure {
  const message = detail.toWellFormed();
  return { status: FAILED_PRECONDITION, reason: '', message, metadata: { [KIND]: kind } };
}
