import { expect, test } from 'vitest';
import { Counters } from '../../src/system/counters.ts';

test('counters add up, sort by name, and a snapshot stands still', () => {
  const counters = new Counters();
  counters.count('write.hint', 3);
  counters.count('read.repair');
  counters.count('write.hint');
  const before = counters.snapshot();
  counters.count('read.repair');
  expect([...before]).toEqual([
    ['read.repair', 1],
    ['write.hint', 4],
  ]);
});
