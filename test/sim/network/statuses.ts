/**
 * How unary calls fail in the words of grpc-js, since production code reads them (src/wire/never-left.ts;
 * held against grpc-js in test/rpc/never-left.test.ts). What the network of the simulator does to a call is
 * said here in the same words, and nothing else.
 */
import { status } from '@grpc/grpc-js';
import type { Status } from '../../../src/wire/status.ts';

/** As the caller gets it. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  readonly status: Status;

  constructor(failed: Status) {
    super(`${failed.code} ${status[failed.code]}: ${failed.message}`);
    this.status = failed;
  }
}

export function refused(): Status {
  return failed(status.UNAVAILABLE, 'No connection established. Last error: connect ECONNREFUSED');
}

export function dropped(): Status {
  return failed(status.UNAVAILABLE, 'Connection dropped');
}

export function unimplemented(path: string): Status {
  return failed(status.UNIMPLEMENTED, `The server does not implement the method ${path}`);
}

/** @param passed.address undefined: it still waited for a connection, so nothing left */
export function deadlinePassed(passed: {
  readonly budgetMs: number;
  readonly address: string | undefined;
}): Status {
  const seconds = `${(passed.budgetMs / 1000).toFixed(3)}s`;
  const where =
    passed.address === undefined ? 'LB pick: 0.001s,Waiting for LB pick' : `remote_addr=${passed.address}`;
  return failed(status.DEADLINE_EXCEEDED, `Deadline exceeded after ${seconds},${where}`);
}

function failed(code: number, message: string): Status {
  return { code, message, details: undefined };
}
