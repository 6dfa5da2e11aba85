import { describe, expect, test } from 'vitest';
import { afterFailure, choose, GOOD, type Standing } from '../../src/client/standing.ts';

const now = 10_000;
const avoided: Standing = { failures: 1, avoidUntil: now + 500, closedUntil: 0 };
const closed: Standing = { failures: 1, avoidUntil: now + 1000, closedUntil: now + 200 };
const recovered: Standing = { failures: 3, avoidUntil: now - 1, closedUntil: now - 1 };

describe('which node is asked', () => {
  test.each([
    {
      story: 'the one that answered last',
      nodes: [GOOD, GOOD, GOOD],
      asked: [0, 0, 0],
      preferred: 1,
      node: 1,
    },
    { story: 'the next after it', nodes: [GOOD, GOOD, GOOD], asked: [0, 1, 0], preferred: 1, node: 2 },
    { story: 'round the corner', nodes: [GOOD, GOOD, GOOD], asked: [0, 1, 1], preferred: 1, node: 0 },
    {
      story: 'none that failed a moment ago',
      nodes: [GOOD, avoided, GOOD],
      asked: [1, 0, 0],
      preferred: 0,
      node: 2,
    },
    {
      story: 'one that failed long ago',
      nodes: [GOOD, recovered, GOOD],
      asked: [1, 0, 0],
      preferred: 0,
      node: 1,
    },
    {
      story: 'one that failed, before one that just did',
      nodes: [GOOD, avoided],
      asked: [1, 0],
      preferred: 0,
      node: 1,
    },
    {
      story: 'the least asked, when all failed',
      nodes: [avoided, avoided],
      asked: [2, 1],
      preferred: 0,
      node: 1,
    },
    { story: 'none that asked for a pause', nodes: [closed, GOOD], asked: [0, 3], preferred: 0, node: 1 },
    { story: 'the only one', nodes: [avoided], asked: [4], preferred: 0, node: 0 },
  ])('$story', ({ nodes, asked, preferred, node }) => {
    expect(choose({ now, standings: nodes, asked, preferred })).toEqual({ node, waitMs: 0 });
  });

  test('when all asked for a pause, the one whose pause ends first, and not before', () => {
    const longer = { ...closed, closedUntil: now + 900 };
    expect(choose({ now, standings: [longer, closed], asked: [0, 5], preferred: 0 })).toEqual({
      node: 1,
      waitMs: 200,
    });
  });
});

describe('what a failure leaves', () => {
  test.each([
    [0, 1_000],
    [1, 2_000],
    [3, 8_000],
    [4, 15_000],
    [50, 15_000],
  ])('after %i failures it is avoided for %i ms', (failures, avoidMs) => {
    const after = afterFailure({ ...GOOD, failures }, { now, pushbackMs: undefined });
    expect(after).toEqual({ failures: failures + 1, avoidUntil: now + avoidMs, closedUntil: now });
  });

  test('a pause it asked for is kept', () => {
    expect(afterFailure(GOOD, { now, pushbackMs: 700 }).closedUntil).toBe(now + 700);
  });
});
