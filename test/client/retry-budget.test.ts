import { describe, expect, test } from 'vitest';
import {
  RetryBudget,
  TOKENS_FIRST,
  TOKENS_KEPT,
  TOKENS_KEPT_AT_SILENCE,
  TOKENS_MAX,
} from '../../src/client/retry-budget.ts';

/** How many repeats are allowed now. */
function left(budget: RetryBudget, now: number): number {
  let count = 0;
  while (budget.spend(now)) count += 1;
  return count;
}

function budgetAfter({ calls, spent }: { calls: number; spent: 'nothing' | 'all' }): RetryBudget {
  const budget = new RetryBudget(0);
  if (spent === 'all') left(budget, 0);
  for (let i = 0; i < calls; i += 1) budget.earn();
  return budget;
}

describe('how many repeats and hedges a client may send', () => {
  test.each([
    { story: 'a young client has a few', calls: 0, spent: 'nothing', now: 0, may: TOKENS_FIRST },
    { story: 'then one for ten calls', calls: 1000, spent: 'all', now: 0, may: 100 },
    { story: 'nine calls are not ten', calls: 9, spent: 'all', now: 0, may: 0 },
    {
      story: 'so many at once as can be lost at once',
      calls: 100_000,
      spent: 'nothing',
      now: 0,
      may: TOKENS_MAX,
    },
    { story: 'a quiet client earns one in ten seconds', calls: 0, spent: 'all', now: 50_000, may: 5 },
    { story: 'but no more than it began with', calls: 0, spent: 'all', now: 1e9, may: TOKENS_FIRST },
    { story: 'and what it earned by calls stays', calls: 2000, spent: 'all', now: 1e9, may: 200 },
  ] as const)('$story', ({ calls, spent, now, may }) => {
    expect(left(budgetAfter({ calls, spent }), now)).toBeGreaterThanOrEqual(may - 1);
    expect(left(budgetAfter({ calls, spent }), now)).toBeLessThanOrEqual(may);
  });

  test('hedges leave what a dead node costs: it is repeats that save a call', () => {
    const budget = new RetryBudget(0);
    for (let call = 0; call < 1000; call += 1) {
      budget.earn();
      budget.spendOnHedge(0);
    }
    while (budget.spendOnHedge(0));
    expect(left(budget, 0)).toBe(TOKENS_KEPT);
  });

  test('calls at a silent node go on elsewhere when no hedge may, and leave something, too', () => {
    const budget = new RetryBudget(0);
    while (budget.spendOnHedge(0));
    let gone = 0;
    while (budget.spendOnSilence(0)) gone += 1;
    expect([gone, left(budget, 0)]).toEqual([TOKENS_KEPT - TOKENS_KEPT_AT_SILENCE, TOKENS_KEPT_AT_SILENCE]);
  });

  test('over time at most a tenth of the calls', () => {
    const budget = new RetryBudget(0);
    let repeats = 0;
    for (let call = 0; call < 100_000; call += 1) {
      budget.earn();
      if (budget.spend(0)) repeats += 1;
    }
    expect(repeats).toBeLessThanOrEqual(10_000 + TOKENS_FIRST);
  });
});
