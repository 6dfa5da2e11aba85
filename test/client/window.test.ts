import { expect, test } from 'vitest';
import { grown, SIZE_MIN, shrunk, type Window, windowUpTo } from '../../src/client/window.ts';

const MAX = 1024;

function answered(window: Window, answers: number): Window {
  let then = window;
  for (let i = 0; i < answers; i += 1) then = grown(then, MAX);
  return then;
}

test('it grows with each answer, to no more than there may be', () => {
  expect(windowUpTo(MAX).size).toBe(32);
  expect(windowUpTo(16).size).toBe(16);
  expect(answered(windowUpTo(MAX), 32).size).toBe(64);
  expect(answered(windowUpTo(MAX), 10_000).size).toBe(MAX);
});

test('what was too much once is approached slowly', () => {
  const halved = shrunk(answered(windowUpTo(MAX), 168), 0);
  expect(halved.size).toBe(100);
  const later = answered(halved, 100).size;
  expect(later).toBeGreaterThan(100.9);
  expect(later).toBeLessThan(101.1);
});

test.each([
  { story: 'refusals of one burst are one', moments: [0, 1, 99], size: 16 },
  { story: 'those of another are another', moments: [0, 100], size: SIZE_MIN },
  { story: 'but some requests are let through', moments: [0, 100, 200, 300, 400, 500], size: SIZE_MIN },
])('$story', ({ moments, size }) => {
  expect(moments.reduce(shrunk, windowUpTo(MAX)).size).toBe(size);
});
