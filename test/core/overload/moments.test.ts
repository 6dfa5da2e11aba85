/** When work goes on beside clients, and when it is quiet so that they can be asked how that was. */
import { expect, it } from 'vitest';
import { momentAt, untilWorkMs } from '../../../src/core/overload/moments.ts';

it.each([
  [0, 'working', 0],
  [699, 'working', 0],
  [700, 'settling', 230],
  [729, 'settling', 201],
  [730, 'quiet', 200],
  [929, 'quiet', 1],
  [930, 'working', 0],
  [930 * 1e9 + 929.5, 'quiet', 0.5],
  [-1, 'quiet', 1],
] as const)('at %d ms it is %s, and work may begin after %d', (wallMs, moment, leftMs) => {
  expect(momentAt(wallMs)).toBe(moment);
  expect(untilWorkMs(wallMs)).toBe(leftMs);
});

it('most of the time is for work, and enough is quiet', () => {
  const all = Array.from({ length: 9_300 }, (_, ms) => momentAt(ms));
  expect(all.filter(moment => moment === 'working')).toHaveLength(7_000);
  expect(all.filter(moment => moment === 'quiet')).toHaveLength(2_000);
});
