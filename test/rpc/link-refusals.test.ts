/**
 * What a stream says in a method's stead: to clients in the words of DESIGN §9, to nodes as a replica's
 * failure.
 */
import { expect, test } from 'vitest';
import type { Unanswered } from '../../src/link/answering-link.ts';
import { ReplicaFailed } from '../../src/ports/replica.ts';
import type { Carriage } from '../../src/rpc/answering.ts';
import { linkRefusals } from '../../src/rpc/link-refusals.ts';
import { readReplicaFailure, replicaFailure } from '../../src/rpc/replica-failure.ts';
import { decoded } from '../../src/wire/messages.ts';
import { pushbackOf } from '../../src/wire/status.ts';
import { protos } from '../support/grpc.ts';

const { messages } = protos;
const [READ, WRITE, UNHEARD_OF] = [1, 2, 99];

function told(why: Unanswered, { method, peer = false }: { method: number; peer?: boolean }) {
  const carriage = (write: boolean) =>
    ({ method: { write, ...(peer && { failure: replicaFailure }) } }) as unknown as Carriage;
  const carriages = new Map([
    [READ, carriage(false)],
    [WRITE, carriage(true)],
  ]);
  return decoded(messages.failure, linkRefusals({ carriages, messages })(why, method))!;
}

test.each<[string, Unanswered, number, string, string, number | undefined]>([
  [
    'a request too many is not applied, soon to be tried again',
    'too many',
    WRITE,
    'OVERLOADED',
    'not applied',
    50,
  ],
  ['so is one that nobody knows', 'too many', UNHEARD_OF, 'OVERLOADED', 'not applied', 50],
  [
    'a read too large for any frame fails for good',
    'too large',
    READ,
    'RECORD_TOO_LARGE',
    'not applied',
    undefined,
  ],
  ['a read that found no room may be tried again', 'no room', READ, 'OVERLOADED', 'not applied', 50],
  [
    'a write too large to be answered is in doubt',
    'too large',
    WRITE,
    'OUTCOME_UNKNOWN',
    'unknown',
    undefined,
  ],
  [
    'a write whose answer found no room is in doubt',
    'no room',
    WRITE,
    'OUTCOME_UNKNOWN',
    'unknown',
    undefined,
  ],
])('%s', (_, why, method, reason, outcome, pushbackMs) => {
  const failure = told(why, { method });
  expect([failure.reason, failure.metadata['outcome'], pushbackOf(failure)]).toEqual([
    reason,
    outcome,
    pushbackMs,
  ]);
});

test.each<[Unanswered, number, string]>([
  ['too many', READ, 'overloaded'],
  ['too many', WRITE, 'overloaded'],
  ['too large', READ, 'refused'],
  ['no room', READ, 'overloaded'],
  ['too large', WRITE, 'lost'],
  ['no room', WRITE, 'lost'],
])('between nodes %s, of method %s, is %s', (why, method, kind) => {
  const failed = readReplicaFailure(told(why, { method, peer: true }));
  expect(failed).toBeInstanceOf(ReplicaFailed);
  expect(failed!.failure).toBe(kind);
});
