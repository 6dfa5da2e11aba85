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

test('a gauge is read when somebody looks, and told as a whole number among the counters', () => {
  const counters = new Counters();
  let waiting = 0;
  counters.gauge('door.waiting', () => waiting);
  counters.count('read.repair');
  waiting = 2.6;
  expect([...counters.snapshot()]).toEqual([
    ['door.waiting', 3],
    ['read.repair', 1],
  ]);
});
