/**
 * How calls fail in the words of grpc-js, since production code reads them (src/wire/never-left.ts; held
 * against grpc-js in test/rpc/never-left.test.ts). What the network of the simulator does to a call is said
 * here in the same words, and nothing else.
 */
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { FailedStatus } from '../../../src/rpc/serving.ts';

/** As the caller gets it. The metadata is a copy: over a real wire nobody shares it. */
export function serviceError({ code, details, metadata }: FailedStatus): ServiceError {
  const message = `${code} ${status[code]}: ${details}`;
  return Object.assign(new Error(message), { code, details, metadata: metadata.clone() });
}

export function refused(): FailedStatus {
  return failed(status.UNAVAILABLE, 'No connection established. Last error: connect ECONNREFUSED');
}

export function dropped(): FailedStatus {
  return failed(status.UNAVAILABLE, 'Connection dropped');
}

/** The channel was closed before. */
export function closedBefore(): FailedStatus {
  return failed(status.UNAVAILABLE, 'Channel closed before call started');
}

export function cancelled(): FailedStatus {
  return failed(status.CANCELLED, 'Cancelled on client');
}

export function unimplemented(path: string): FailedStatus {
  return failed(status.UNIMPLEMENTED, `The server does not implement the method ${path}`);
}

/** @param passed.address undefined: it still waited for a connection, so nothing left */
export function deadlinePassed(passed: {
  readonly budgetMs: number;
  readonly address: string | undefined;
}): FailedStatus {
  const seconds = `${(passed.budgetMs / 1000).toFixed(3)}s`;
  const where =
    passed.address === undefined ? 'LB pick: 0.001s,Waiting for LB pick' : `remote_addr=${passed.address}`;
  return failed(status.DEADLINE_EXCEEDED, `Deadline exceeded after ${seconds},${where}`);
}

function failed(code: number, details: string): FailedStatus {
  return { code, details, metadata: new Metadata() };
}
