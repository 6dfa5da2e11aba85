import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Actor, Incarnation } from '../../../src/base/ids.ts';
import {
  actorOf,
  covers,
  type Dot,
  descends,
  incarnationOf,
  join,
  NOTHING_SEEN,
  type VersionVector,
  withDot,
} from '../../../src/core/record/version-vector.ts';

const dot: fc.Arbitrary<Dot> = fc.record({
  actor: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'ÿ').map(name => name.padEnd(16, '.') as Actor),
  counter: fc.integer({ min: 1, max: 5 }),
});
const vector: fc.Arbitrary<VersionVector> = fc.array(dot).map(dots => dots.reduce(withDot, NOTHING_SEEN));

describe('two sights together', () => {
  test('are the same in either order, in any grouping, and with themselves (I6)', () => {
    fc.assert(
      fc.property(vector, vector, vector, (a, b, c) => {
        expect(join(a, b)).toEqual(join(b, a));
        expect(join(join(a, b), c)).toEqual(join(a, join(b, c)));
        expect(join(a, a)).toBe(a);
        expect(join(a, NOTHING_SEEN)).toBe(a);
      }),
    );
  });

  test('cover what one of them covers, and nothing else', () => {
    fc.assert(
      fc.property(vector, vector, dot, (a, b, seen) => {
        expect(covers(join(a, b), seen)).toBe(covers(a, seen) || covers(b, seen));
      }),
    );
  });

  test('are the very sight that was there when the other adds nothing: a change is seen by ===', () => {
    fc.assert(
      fc.property(vector, vector, (a, b) => {
        expect(join(a, b) === a).toBe(descends(a, b));
      }),
    );
  });

  test('stay sorted by actor, each actor once: one sight has one form', () => {
    fc.assert(
      fc.property(vector, vector, (a, b) => {
        const actors = join(a, b).map(entry => entry.actor);
        expect(actors).toEqual([...new Set(actors)].sort((x, y) => (x < y ? -1 : 1)));
      }),
    );
  });
});

test('to descend from each other is to be the same', () => {
  fc.assert(
    fc.property(vector, vector, (a, b) => {
      if (descends(a, b) && descends(b, a)) expect(a).toEqual(b);
      expect(descends(a, b)).toBe(b.every(seen => covers(a, seen)));
    }),
  );
});

test('two sights of thousands of entries, as a forged context brings them, are joined in one walk along both', () => {
  let looks = 0;
  const sight = (name: string): VersionVector =>
    Array.from({ length: 3000 }, (_, i) => ({
      get actor() {
        looks++;
        return `${i}`.padStart(8, '0').concat(name) as Actor;
      },
      counter: 1,
    }));
  const [a, b] = [sight('.......a'), sight('.......b')];
  expect(join(a, b)).toHaveLength(6000);
  expect(descends(join(a, b), b)).toBe(true);
  expect(looks).toBeLessThan(20 * 6000);
});

test('a sight with one more dot covers it, and what was covered before', () => {
  fc.assert(
    fc.property(vector, dot, (before, seen) => {
      expect(covers(withDot(before, seen), seen)).toBe(true);
      expect(descends(withDot(before, seen), before)).toBe(true);
    }),
  );
});

test('an actor tells its incarnation, and births that differ are actors that differ', () => {
  const incarnation = '\0\u00ff\u0080abcde' as Incarnation;
  const births = fc.uniqueArray(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), {
    minLength: 2,
    maxLength: 2,
  });
  fc.assert(
    fc.property(births, ([one, other]) => {
      expect(actorOf(incarnation, one!)).toHaveLength(16);
      expect(incarnationOf(actorOf(incarnation, one!))).toBe(incarnation);
      expect(actorOf(incarnation, one!) < actorOf(incarnation, other!)).toBe(one! < other!);
    }),
  );
});

test('200 coordinators leave 200 entries: nothing is pruned by size, which would make siblings for ever (TRAPS C9)', () => {
  const dots = Array.from({ length: 200 }, (_, i) => ({
    actor: `n${i}`.padEnd(16, '.') as Actor,
    counter: 1,
  }));
  const all = dots.reduce(withDot, NOTHING_SEEN);
  expect(all).toHaveLength(200);
  expect(dots.every(seen => covers(all, seen))).toBe(true);
});
