/** What is drawn: kinds as the mix says, keys as the distribution says. Fixed seeds, wide bounds. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import { Draw } from '../../../src/cli/load/draw.ts';
import { chooserOf, KeySpace, keyName } from '../../../src/cli/load/keys.ts';
import { type Choice, KINDS, kindsOf, parseMix, WORKLOADS } from '../../../src/cli/load/mix.ts';
import { THETA, Zipfian, zeta } from '../../../src/cli/load/zipfian.ts';
import { mixOf } from './setting.ts';

const DRAWS = 50_000;

/** How often each key was drawn. */
function drawn(choice: Choice, keys: number): number[] {
  const random = new SeededRandom(7);
  const choose = chooserOf(choice);
  const counts = Array.from({ length: keys }, () => 0);
  for (let i = 0; i < DRAWS; i += 1) counts[choose(keys, random.fraction())]! += 1;
  return counts;
}

/** By how many standard deviations a count is off. */
function deviation(count: number, probability: number): number {
  const mean = DRAWS * probability;
  return Math.abs(count - mean) / Math.sqrt(mean * (1 - probability));
}

describe('a mix', () => {
  test('is read from kinds and shares', () => {
    expect(parseMix('read=50, update=45,insert=5')).toEqual(mixOf({ read: 50, update: 45, insert: 5 }));
    expect(parseMix('rmw=0.5,delete=0.5')).toEqual(mixOf({ rmw: 0.5, delete: 0.5 }));
  });

  test.each([
    '',
    'read',
    'read=',
    'read=-1',
    'read=0',
    'scan=5',
    'read=1e9',
    'read=50;update=50',
    'toString=1',
  ])('is not read from %j', text => expect(parseMix(text)).toBeUndefined());

  test.each(Object.entries(WORKLOADS))('workload %s draws every kind in its share', (_, { mix }) => {
    const random = new SeededRandom(3);
    const kindOf = kindsOf(mix);
    const counts = new Map<string, number>();
    for (let i = 0; i < DRAWS; i += 1) {
      const kind = kindOf(random.fraction());
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    for (const kind of KINDS) {
      const share = mix[kind] / 100;
      if (share === 0 || share === 1) expect(counts.get(kind) ?? 0).toBe(share * DRAWS);
      else expect(deviation(counts.get(kind)!, share)).toBeLessThan(5);
    }
  });
});

describe('keys', () => {
  test('uniform: each as often as any other', () => {
    for (const count of drawn('uniform', 50)) expect(deviation(count, 1 / 50)).toBeLessThan(5);
  });

  test('zipfian: the first two as often as the law says, the rest close to it', () => {
    const counts = drawn('zipfian', 1000);
    const whole = zeta(1000, THETA);
    expect(deviation(counts[0]!, 1 / whole)).toBeLessThan(5);
    expect(deviation(counts[1]!, 1 / (2 ** THETA * whole))).toBeLessThan(5);
    for (const below of [10, 100, 500]) {
      const share = counts.slice(0, below).reduce((sum, count) => sum + count, 0) / DRAWS;
      const expected = zeta(below, THETA) / whole;
      expect(Math.abs(share - expected)).toBeLessThan(0.03);
    }
  });

  test('zipfian: of a hundred thousand the first gets 8 % of the draws, the first hundred 41 %', () => {
    const counts = drawn('zipfian', 100_000);
    expect(counts[0]! / DRAWS).toBeCloseTo(0.078, 2);
    expect(counts.slice(0, 100).reduce((sum, count) => sum + count, 0) / DRAWS).toBeCloseTo(0.414, 1);
  });

  test('latest: the last is the hottest', () => {
    expect(drawn('latest', 1000).reverse()).toEqual(drawn('zipfian', 1000));
  });

  test('zipfian stays in range from one key to a billion, at both ends of chance', () => {
    const zipfian = new Zipfian();
    for (const keys of [1, 2, 3, 1000, 1e9]) {
      for (const fraction of [0, 0.5, 1 - 2 ** -32]) {
        const rank = zipfian.rank(keys, fraction);
        expect(Number.isInteger(rank) && rank >= 0 && rank < keys).toBe(true);
      }
    }
  });

  test('the sum that is cut short is the sum', () => {
    let sum = 0;
    for (let k = 1; k <= 200_000; k += 1) sum += k ** -THETA;
    expect(Math.abs(zeta(200_000, THETA) - sum)).toBeLessThan(1e-9);
  });

  test('have names of one length, each its own; neighbours in number are none in name', () => {
    const names = Array.from({ length: 10_000 }, (_, number) => keyName(number));
    expect(new Set(names).size).toBe(10_000);
    expect(new Set(names.map(name => name.length))).toEqual(new Set([14]));
    const hottest = new Set(names.slice(0, 100));
    const sorted = names.toSorted();
    const sideBySide = sorted.filter((name, i) => hottest.has(name) && hottest.has(sorted[i + 1] ?? ''));
    expect(sideBySide.length).toBeLessThan(10);
  });

  test('the same seed draws the same', () => {
    const sequence = (seed: number) => {
      const draw = new Draw({ ...WORKLOADS.a, keys: 1000, seed });
      return Array.from({ length: 50 }, () => [draw.kind(), draw.key()]);
    };
    expect(sequence(5)).toEqual(sequence(5));
    expect(sequence(5)).not.toEqual(sequence(6));
  });

  test('a key that is being inserted is not there until all before it have ended', () => {
    const keys = new KeySpace(10);
    const [first, second, third] = [keys.insert(), keys.insert(), keys.insert()];
    keys.inserted(third);
    expect(keys.present).toBe(10);
    keys.inserted(first);
    expect(keys.present).toBe(11);
    keys.inserted(second);
    expect(keys.present).toBe(13);
  });
});
