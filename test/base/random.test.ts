import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';

test('a seed gives the same sequence for ever (I13): a failure of last year is replayed by its number', () => {
  const random = new SeededRandom(42);
  expect([random.u32(), random.u32(), random.u32()]).toEqual([2581720956, 1925393290, 3661312704]);
});

test('what is drawn lies in its range', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 1000 }), (seed, below) => {
      const random = new SeededRandom(seed);
      const [integer, fraction] = [random.below(below), random.fraction()];
      expect(Number.isInteger(integer) && integer >= 0 && integer < below).toBe(true);
      expect(fraction >= 0 && fraction < 1).toBe(true);
      expect([1, 2, 3]).toContain(random.pick([1, 2, 3]));
      expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
      expect(random.bytes(5)).toHaveLength(5);
    }),
  );
});

test('every value comes about as often as any other, also between neighbouring seeds', () => {
  const counts = Array.from({ length: 10 }, () => 0);
  for (let seed = 0; seed < 10_000; seed++) counts[new SeededRandom(seed).below(10)]!++;
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(200);
});
