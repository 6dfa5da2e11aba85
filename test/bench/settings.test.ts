import { describe, expect, test } from 'vitest';
import { readSettings } from '../../bench/settings.ts';

describe('settings of the bench', () => {
  test('nothing said: all rows, two seconds each', () => {
    const { rows, ...rest } = readSettings({});
    expect(rest).toEqual({ quick: false, full: false, scale: false, seconds: 2 });
    expect(rows('anything')).toBe(true);
  });

  test('a quick run takes a second for each row, unless told otherwise', () => {
    expect(readSettings({ QUICK: '1' }).seconds).toBe(1);
    expect(readSettings({ QUICK: '1', SECONDS: '5' }).seconds).toBe(5);
  });

  test.each([
    [{ QUICK: 'maybe' }, /^QUICK is yes or no/],
    [{ QUICK: '1', FULL: '1' }, /exclude/],
    [{ SECONDS: '0' }, /^SECONDS is a whole number/],
    [{ SECONDS: '1.5' }, /^SECONDS is a whole number/],
    [{ SECONDS: '3601' }, /^SECONDS is a whole number/],
    [{ ROWS: '(' }, /^ROWS is a regular expression/],
  ])('%j is refused in words', (environment, words) => {
    expect(() => readSettings(environment)).toThrow(words);
  });
});
