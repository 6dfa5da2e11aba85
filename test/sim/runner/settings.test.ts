/** What the runner is told, and which seeds it takes. */
import { describe, expect, test } from 'vitest';
import { MUTANTS } from '../mutants/all.ts';
import { COMMIT_SEEDS, nameOf, seedsOf } from './seeds.ts';
import { readHuntSettings, readSettings, SettingsError } from './settings.ts';

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

  test.each([
    ['no number', { SEED: '12x' }, "SEED is a whole number, 0 or more, not '12x'"],
    ['too few', { SEEDS: '0' }, "SEEDS is a whole number, 1 or more, not '0'"],
    ['no time', { SECONDS: '0' }, "SECONDS is a whole number, 1 or more, not '0'"],
    ['nobody', { WORKERS: '0' }, "WORKERS is a whole number, 1 or more, not '0'"],
    ['less than nothing', { SEED: '-1' }, "SEED is a whole number, 0 or more, not '-1'"],
    ['too large', { SEED: '4294967296' }, "SEED is at most 4294967295, not '4294967296'"],
    ['idle', { SEED: '1', SECONDS: '9' }, 'SEED replays one seed: it does not go with SECONDS'],
    ['neither yes nor no', { CONTINUE: 'maybe' }, "CONTINUE is yes or no, not 'maybe'"],
    ['no mutant', { MUTANT: '999' }, `there is no mutant 999: they are 1 to ${MUTANTS.length}`],
  ])('what is %s is refused by name', (_, environment, message) => {
    expect(() => readSettings(environment)).toThrow(new SettingsError(message));
  });

  test.each([
    ['1', true],
    ['yes', true],
    ['true', true],
    ['no', false],
    ['', false],
  ])("CONTINUE='%s' is understood", (text, goesOn) => {
    expect(readSettings({ CONTINUE: text })).toMatchObject({ goesOn });
  });

  test('a hunt refuses what it does not read', () => {
    expect(readHuntSettings({ MUTANT: '7', WORKERS: '1' })).toMatchObject({ mutant: 7, workers: 1 });
    expect(() => readHuntSettings({ SEED: '5', SECONDS: '9' })).toThrow(
      new SettingsError('make sim-mutants reads MUTANT and WORKERS, not SEED, SECONDS'),
    );
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
