import { expect, test } from 'vitest';
import { News } from '../../src/cli/news.ts';

test('what has not changed is said again after the time given, a change at once', () => {
  const news = new News(30);
  const told = [
    ['n2', 0],
    ['n2', 29],
    ['n2', 30],
    ['n3', 31],
    ['n2', 32],
    ['n2', 61],
    ['n2', 62],
  ] as const;
  expect(told.map(([what, now]) => news.worthSaying(what, now))).toEqual([
    true,
    false,
    true,
    true,
    true,
    false,
    true,
  ]);
});
