/** What the runner is told, which seeds it takes, and how a hunted mutant is reported. */
import { describe, expect, test } from 'vitest';
import type { Mutant } from '../mutants/mutate.ts';
import { huntLine } from './hunt.ts';
import { COMMIT_SEEDS, nameOf, seedsOf } from './seeds.ts';
import { readSettings } from './settings.ts';

describe('settings', () => {
  test('ten minutes, when nothing is said', () => {
    expect(readSettings({})).toMatchObject({
      seconds: 600,
      seeds: undefined,
      seed: undefined,
      goesOn: false,
    });
  });

  test('so many seeds, and no time limit beside them', () => {
    expect(readSettings({ SEEDS: '20', WORKERS: '3' })).toMatchObject({
      seeds: 20,
      seconds: undefined,
      workers: 3,
    });
  });

  test('both limits, when both are given', () => {
    expect(readSettings({ SEEDS: '20', SECONDS: '5' })).toMatchObject({ seeds: 20, seconds: 5 });
  });

  test('what is no number is refused by name', () => {
    expect(() => readSettings({ SEED: '12x' })).toThrow("SEED is a whole number, not '12x'");
  });
});

describe('seeds', () => {
  function first(count: number, id: string | undefined): readonly number[] {
    let drawn = 0;
    const seeds = seedsOf({ id, changed: false }, () => ++drawn);
    return Array.from({ length: count }, () => seeds.next().value);
  }

  test('of one commit are the same for everybody, then fresh', () => {
    const some = first(COMMIT_SEEDS + 2, 'abc');
    expect(some.slice(0, COMMIT_SEEDS)).toEqual(first(COMMIT_SEEDS, 'abc'));
    expect(some.slice(COMMIT_SEEDS)).toEqual([1, 2]);
    expect(new Set(some).size).toBe(some.length);
  });

  test('of another commit are others, and without git there are some', () => {
    expect(first(1, 'abc')).not.toEqual(first(1, 'abd'));
    expect(first(1, undefined)).toEqual(first(1, undefined));
  });

  test('name their commit, and say when the code is not what it holds', () => {
    expect(nameOf({ id: '0123456789abcdef', changed: false })).toBe('0123456789');
    expect(nameOf({ id: '0123456789abcdef', changed: true })).toBe('0123456789 (with uncommitted changes)');
  });
});

describe('the line about a mutant', () => {
  const mutant: Mutant = {
    name: 'a write is lost',
    file: 'src/a.ts',
    find: 'a',
    replace: 'b',
    seeds: 60,
    invariants: ['I1'],
  };

  test('says at which seed it was caught, and by what', () => {
    const end = { kind: 'caught', seed: 3, by: 'I1', unexpected: false } as const;
    expect(huntLine({ number: 7, mutant, end, ms: 2_100 })).toBe(
      '   7  caught    seed   3  I1        2.1 s  a write is lost',
    );
  });

  test('says when something else caught it than was expected', () => {
    const end = { kind: 'caught', seed: 3, by: 'L1', unexpected: true } as const;
    expect(huntLine({ number: 7, mutant, end, ms: 2_100 })).toMatch(
      / {2}L1 .*a write is lost {2}\(expected: I1\)$/,
    );
  });

  test('says loudly when it was not', () => {
    const end = { kind: 'survived', why: 'not in 60 seeds' } as const;
    expect(huntLine({ number: 7, mutant, end, ms: 90_000 })).toBe(
      '   7  SURVIVED                     90.0 s  a write is lost  (not in 60 seeds)',
    );
  });
});
