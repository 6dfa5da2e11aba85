/** How far a node doubts itself before it doubts others. */
import { describe, expect, it, test } from 'vitest';
import { HEALTH_WORST, healthAfter, type Sign, stretch } from '../../../src/core/membership/local-health.ts';

const SIGNS: readonly Sign[] = ['answered', 'unanswered', 'refuted', 'stalled'];

describe('after', () => {
  it.each<[Sign, before: number, after: number]>([
    ['answered', 0, 0],
    ['answered', 3, 2],
    ['answered', HEALTH_WORST, HEALTH_WORST - 1],
    ['unanswered', 0, 1],
    ['unanswered', HEALTH_WORST, HEALTH_WORST],
    ['refuted', 0, 1],
    ['refuted', HEALTH_WORST, HEALTH_WORST],
    ['stalled', 0, 2],
    ['stalled', HEALTH_WORST - 1, HEALTH_WORST],
    ['stalled', HEALTH_WORST, HEALTH_WORST],
  ])('%s, %d becomes %d', (sign, before, after) => {
    expect(healthAfter(before, sign)).toBe(after);
  });

  test('any sign, it stays from 0 to 8', () => {
    for (let score = 0; score <= HEALTH_WORST; score++)
      for (const sign of SIGNS) {
        const after = healthAfter(score, sign);
        expect([0, 1, 2, 3, 4, 5, 6, 7, 8]).toContain(after);
      }
  });
});

it.each([
  [0, 1],
  [1, 2],
  [HEALTH_WORST, 9],
])('at %d all waiting times are %d times as long', (score, times) => {
  expect(stretch(score)).toBe(times);
});
