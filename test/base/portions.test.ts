import { expect, test } from 'vitest';
import { portions } from '../../src/base/portions.ts';

test('each item comes once, in its order, and only the last portion is smaller', () => {
  expect(portions([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(portions([1, 2, 3, 4], 2)).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('of nothing there is no portion', () => {
  expect(portions([], 2)).toEqual([]);
});
