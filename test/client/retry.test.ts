import { describe, expect, test } from 'vitest';
import { type Reason, ShoalError } from '../../src/base/errors.ts';
import { attemptMs, mayRepeat, pauseMs, roundPauseMs } from '../../src/client/retry.ts';

const REPEATABLE = { repeatable: true };
const SINGLE = { repeatable: false };

describe('whether to try again', () => {
  test.each<[Reason, boolean]>([
    ['BAD_KEY', false],
    ['BAD_VALUE', false],
    ['BAD_CONTEXT', false],
    ['BAD_QUORUM', false],
    ['TOO_MANY_SIBLINGS', false],
    ['RECORD_TOO_LARGE', false],
    ['QUORUM_UNREACHABLE', true],
    ['OVERLOADED', true],
    ['EXPIRED', true],
    ['DRAINING', true],
    ['NOT_READY', true],
    ['STORAGE_FAULTED', true],
    ['UNREACHABLE', true],
    ['CANCELLED', true],
    ['INTERNAL', true],
  ])('%s, not applied: %s', (reason, again) => {
    expect(mayRepeat(new ShoalError(reason, ''), SINGLE)).toBe(again);
    expect(mayRepeat(new ShoalError(reason, ''), REPEATABLE)).toBe(again);
  });

  test('outcome unknown: only what is the same write the second time', () => {
    const unknown = new ShoalError('OUTCOME_UNKNOWN', '', { outcome: 'unknown' });
    expect(mayRepeat(unknown, REPEATABLE)).toBe(true);
    expect(mayRepeat(unknown, SINGLE)).toBe(false);
  });
});

describe('how long to wait before', () => {
  test.each([
    { story: 'a node is left to ask', last: 'UNREACHABLE', attempts: 2, nodes: 3, pause: [0, 0] },
    { story: 'all were asked once', last: 'UNREACHABLE', attempts: 3, nodes: 3, pause: [25, 50] },
    { story: 'all were asked twice', last: 'UNREACHABLE', attempts: 6, nodes: 3, pause: [50, 100] },
    { story: 'there is only one', last: 'UNREACHABLE', attempts: 3, nodes: 1, pause: [100, 200] },
    { story: 'the last one was overloaded', last: 'OVERLOADED', attempts: 1, nodes: 3, pause: [25, 50] },
    { story: 'it has lasted long', last: 'UNREACHABLE', attempts: 60, nodes: 1, pause: [500, 1000] },
  ] as const)('$story', ({ last, attempts, nodes, pause }) => {
    expect([0, 1].map(fraction => pauseMs(last, { attempts, nodes }, fraction))).toEqual(pause);
  });

  test.each([
    [1, [2.5, 5]],
    [3, [10, 20]],
    [30, [100, 200]],
  ])('round %i of an update', (round, pause) => {
    expect([0, 1].map(fraction => roundPauseMs(round, fraction))).toEqual(pause);
  });
});

describe('how long an attempt may take', () => {
  test.each([
    { story: 'one node: all there is', restMs: 5000, unasked: 1, ms: 5000 },
    { story: 'two: half', restMs: 5000, unasked: 2, ms: 2500 },
    { story: 'ten: a third', restMs: 6000, unasked: 10, ms: 2000 },
    { story: 'all asked: what is left', restMs: 800, unasked: 0, ms: 800 },
    { story: 'little left: not less than a quarter second', restMs: 300, unasked: 3, ms: 250 },
    { story: 'less than that left: what is left', restMs: 40, unasked: 3, ms: 40 },
  ])('$story', ({ restMs, unasked, ms }) => {
    expect(attemptMs({ restMs, unasked })).toBe(ms);
  });
});
