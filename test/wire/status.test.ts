import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Outcome, type Reason, ShoalError } from '../../src/base/errors.ts';
import { loadProtos } from '../../src/wire/protos.ts';
import {
  type Failure,
  failureOf,
  fromFailure,
  fromStatus,
  pushbackOf,
  type SentStatus,
  STATUS_OF,
  toStatus,
} from '../../src/wire/status.ts';

const protos = loadProtos();
/** As a unary call ends. */
const statusOf = (error: ShoalError): SentStatus => toStatus(failureOf(error), protos);
/** As it arrives among the results of a pipeline. */
const inBand = (error: ShoalError): Failure =>
  protos.messages.failure.decode(protos.messages.failure.encode(failureOf(error)));
const REASONS = Object.keys(STATUS_OF) as Reason[];

/** DESIGN §9, row by row, by the names of google.rpc.Code. */
const INVALID_ARGUMENT = 3;
const TABLE: readonly (readonly [Reason, number])[] = [
  ['BAD_KEY', INVALID_ARGUMENT],
  ['BAD_VALUE', INVALID_ARGUMENT],
  ['BAD_CONTEXT', INVALID_ARGUMENT],
  ['BAD_QUORUM', INVALID_ARGUMENT],
  ['CANCELLED', 1],
  ['OUTCOME_UNKNOWN', 4],
  ['EXPIRED', 4],
  ['OVERLOADED', 8],
  ['TOO_MANY_SIBLINGS', 9],
  ['RECORD_TOO_LARGE', 9],
  ['INTERNAL', 13],
  ['QUORUM_UNREACHABLE', 14],
  ['DRAINING', 14],
  ['NOT_READY', 14],
  ['STORAGE_FAULTED', 14],
  ['UNREACHABLE', 14],
];

describe('an error of ours', () => {
  test('has the status of the table, and the table names every reason', () => {
    expect(TABLE.map(([reason]) => reason).toSorted()).toEqual(REASONS.toSorted());
    for (const [reason, code] of TABLE)
      expect([reason, statusOf(new ShoalError(reason, 'x')).code]).toEqual([reason, code]);
  });

  test('comes back whole over the wire, as a status and in-band, whatever its reason, outcome, detail and facts', () => {
    const errors = fc.record({
      reason: fc.constantFrom(...REASONS),
      detail: fc.string({ unit: 'grapheme', maxLength: 100 }),
      outcome: fc.constantFrom<Outcome>('not applied', 'unknown'),
      facts: fc.dictionary(
        fc.constantFrom('required', 'acked', '__proto__', 'constructor'),
        fc.string({ unit: 'grapheme' }),
      ),
      write: fc.boolean(),
    });
    fc.assert(
      fc.property(errors, ({ reason, detail, outcome, facts, write }) => {
        const error = new ShoalError(reason, detail, { outcome, facts });
        for (const back of [
          fromStatus(statusOf(error), { write, protos }),
          fromFailure(inBand(error), { write }),
        ]) {
          expect(back).toMatchObject({ reason, outcome, detail, message: error.message });
          expect(Object.entries(back.facts).toSorted()).toEqual(Object.entries(facts).toSorted());
        }
      }),
    );
  });

  test('says for people first the reason and last the outcome', () => {
    const { message } = statusOf(new ShoalError('BAD_KEY', 'key is empty'));
    expect(message).toBe('BAD_KEY: key is empty (not applied)');
  });

  test('has the outcome among the metadata of its details', () => {
    const { details } = statusOf(
      new ShoalError('OUTCOME_UNKNOWN', 'x', { outcome: 'unknown', facts: { acked: '1' } }),
    );
    const [any] = protos.status.deserialize(details).details as { type_url: string; value: Buffer }[];
    expect(any?.type_url).toBe('type.googleapis.com/google.rpc.ErrorInfo');
    const info = { reason: 'OUTCOME_UNKNOWN', domain: 'shoal', metadata: { acked: '1', outcome: 'unknown' } };
    expect(protos.errorInfo.deserialize(any!.value)).toEqual(info);
  });

  test('tells a client when to come again only where that helps', () => {
    const told = REASONS.filter(reason => statusOf(new ShoalError(reason, 'x')).pushbackMs !== undefined);
    expect(told.toSorted()).toEqual(['DRAINING', 'OVERLOADED']);
    const [draining, badKey] = [new ShoalError('DRAINING', 'x'), new ShoalError('BAD_KEY', 'x')];
    expect([pushbackOf(inBand(draining)), pushbackOf(inBand(badKey))]).toEqual([1000, undefined]);
    expect(statusOf(draining).pushbackMs).toBe('1000');
  });

  test('fits into headers and is valid text, however long and broken its detail', () => {
    const { message } = statusOf(new ShoalError('INTERNAL', `x${'\ud83d\ude00'.repeat(5000)}`));
    expect(message.length).toBeLessThanOrEqual(1000);
    expect(() => encodeURI(message)).not.toThrow();
    expect(() => encodeURI(statusOf(new ShoalError('INTERNAL', 'a\udc00')).message)).not.toThrow();
  });
});

describe('a status without details', () => {
  const foreign = (code: number, message: string, write: boolean) => {
    const { reason, outcome } = fromStatus({ code, message, details: undefined }, { write, protos });
    return `${reason}, ${outcome}`;
  };

  test.each([
    [14, 'Connection dropped', 'OUTCOME_UNKNOWN, unknown', 'UNREACHABLE, not applied'],
    [14, 'No connection established. Last error: x', 'UNREACHABLE, not applied', 'UNREACHABLE, not applied'],
    [4, 'Deadline exceeded after 1s,remote_addr=x', 'OUTCOME_UNKNOWN, unknown', 'EXPIRED, not applied'],
    [4, 'Deadline exceeded after 1s,Waiting for LB pick', 'UNREACHABLE, not applied', 'EXPIRED, not applied'],
    [1, 'Cancelled on client', 'CANCELLED, unknown', 'CANCELLED, not applied'],
    [1, 'Call cancelled', 'OUTCOME_UNKNOWN, unknown', 'UNREACHABLE, not applied'],
    [12, 'unknown method', 'UNREACHABLE, not applied', 'UNREACHABLE, not applied'],
    [8, 'Received message larger than max', 'OUTCOME_UNKNOWN, unknown', 'INTERNAL, not applied'],
    [2, '', 'OUTCOME_UNKNOWN, unknown', 'INTERNAL, not applied'],
  ])('%d "%s" is for a write %s and for a read %s', (code, message, write, read) => {
    expect([foreign(code, message, true), foreign(code, message, false)]).toEqual([write, read]);
  });

  test.each([
    [
      'Deadline exceeded after 0.013s,name resolution: 0.008s,remote_addr=127.0.0.1:7400',
      'no answer in time',
    ],
    ['Deadline exceeded after 1s,Waiting for LB pick', 'no connection in time'],
  ])('%s: people read "%s"', (message, detail) => {
    expect(fromStatus({ code: 4, message, details: undefined }, { write: false, protos }).detail).toBe(
      detail,
    );
  });

  test('never says "not applied" of a write for words that only quote grpc-js', () => {
    expect(foreign(14, 'proxy: No connection established', true)).toBe('OUTCOME_UNKNOWN, unknown');
    expect(foreign(4, 'waited; Deadline exceeded after 1s,Waiting for LB pick', true)).toBe(
      'OUTCOME_UNKNOWN, unknown',
    );
    expect(foreign(2, 'No connection established', true)).toBe('OUTCOME_UNKNOWN, unknown');
  });
});

describe('details that are not ours', () => {
  const error = new ShoalError('BAD_KEY', 'key is empty');

  test('of random bytes, cut short, or with one byte changed, are never an exception', () => {
    const whole = statusOf(error).details;
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map(array => Buffer.from(array)),
      fc.nat(whole.length).map(length => whole.subarray(0, length)),
      fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => {
        const changed = Buffer.from(whole);
        changed[at] = byte;
        return changed;
      }),
    );
    fc.assert(
      fc.property(hostile, fc.integer(), fc.string(), (details, code, message) => {
        const back = fromStatus({ code, message, details }, { write: true, protos });
        expect(REASONS).toContain(back.reason);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['another domain', { reason: 'BAD_KEY', domain: 'example.com', metadata: {} }],
    [
      'a reason of a later version',
      { reason: 'BAD_MOON', domain: 'shoal', metadata: { outcome: 'not applied' } },
    ],
    ['a reason every object has', { reason: 'constructor', domain: 'shoal', metadata: {} }],
  ])('with %s leave the outcome of a write unknown', (_, info) => {
    const any = {
      type_url: 'type.googleapis.com/google.rpc.ErrorInfo',
      value: protos.errorInfo.serialize(info),
    };
    const details = protos.status.serialize({ code: 3, message: 'm', details: [any] });
    const back = fromStatus({ code: 3, message: 'm', details }, { write: true, protos });
    expect(back).toMatchObject({ reason: 'OUTCOME_UNKNOWN', outcome: 'unknown', detail: 'm' });
  });

  test('without an outcome leave that of a write unknown', () => {
    const info = { reason: 'INTERNAL', domain: 'shoal', metadata: { outcome: 'perhaps' } };
    const any = {
      type_url: 'type.googleapis.com/google.rpc.ErrorInfo',
      value: protos.errorInfo.serialize(info),
    };
    const details = protos.status.serialize({ details: [any] });
    const back = fromStatus({ code: 13, message: 'm', details }, { write: true, protos });
    expect(back).toMatchObject({ reason: 'INTERNAL', outcome: 'unknown' });
  });
});
