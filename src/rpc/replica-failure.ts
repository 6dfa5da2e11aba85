/**
 * How a replica's failure crosses the wire: FAILED_PRECONDITION with the kind of failure in a trailer, so that the caller gets the
 * very ReplicaFailed that a loopback would have thrown. A failure without the trailer came from gRPC or the network.
 */
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { ShoalError } from '../base/errors.ts';
import { type Failure, ReplicaFailed } from '../ports/replica.ts';
import { neverLeft } from '../wire/never-left.ts';
import { DETAILS_HEADER } from '../wire/status.ts';
import type { FailedStatus } from './serving.ts';

const FAILURE_HEADER = 'shoal-failure';
const FAILURES: readonly Failure[] = ['not sent', 'lost', 'refused'];

/** What goes over the wire for a ReplicaFailed; undefined for any other error. */
export function refusal(error: unknown): FailedStatus | undefined {
  return error instanceof ReplicaFailed ? failedStatus(error.failure, error.message) : undefined;
}

/** The same, with the errors of the door in that form too: a replica fails in no other. Undefined for what nobody foresaw. */
export function replicaFailure(error: unknown): FailedStatus | undefined {
  if (error instanceof ReplicaFailed) return refusal(error);
  if (!(error instanceof ShoalError)) return undefined;
  return failedStatus(error.outcome === 'unknown' ? 'lost' : 'refused', error.message);
}

function failedStatus(failure: Failure, detail: string): FailedStatus {
  const metadata = new Metadata();
  metadata.set(FAILURE_HEADER, failure);
  return { code: status.FAILED_PRECONDITION, details: detail.toWellFormed(), metadata };
}

/** The failure behind a failed call. */
export function readFailure(error: ServiceError): ReplicaFailed {
  const said = saidFailure(error);
  if (said !== undefined) return new ReplicaFailed(said, error.details);
  if (error.code === status.UNIMPLEMENTED)
    return new ReplicaFailed('refused', 'the other side does not know this call');
  const failure = neverLeft({ code: error.code, message: error.details }) ? 'not sent' : 'lost';
  return new ReplicaFailed(failure, error.details, { cause: error });
}

/** Whether the other side itself said that the call failed: then it lives. */
export function hasAnswered(error: ServiceError): boolean {
  return saidFailure(error) !== undefined || error.metadata.get(DETAILS_HEADER).length > 0;
}

function saidFailure(error: ServiceError): Failure | undefined {
  const [said] = error.metadata.get(FAILURE_HEADER);
  return FAILURES.find(failure => failure === said);
}
