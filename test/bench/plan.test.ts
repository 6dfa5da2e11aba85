import { describe, expect, test } from 'vitest';
import { AIMS } from '../../bench/aims.ts';
import { planOf } from '../../bench/plan.ts';
import { readSettings } from '../../bench/settings.ts';

function namesIn(environment: Readonly<Record<string, string>>): readonly string[] {
  return planOf(readSettings(environment)).flatMap(({ rows }) => rows.map(({ name }) => name));
}

/** Rows of aims, and those that they are held against. */
const AIMED = AIMS.flatMap(({ row, beside }) => [row.name, ...(beside ? [beside.name] : [])]);

describe('the plan', () => {
  test('a run that was asked for scale, too, measures what every aim is about', () => {
    expect(namesIn({ SCALE: '1' })).toEqual(expect.arrayContaining(AIMED));
    expect(namesIn({ QUICK: '1', SCALE: '1' })).toEqual(expect.arrayContaining(AIMED));
  });

  test('no row is measured in two sections', () => {
    const names = namesIn({ FULL: '1', SCALE: '1' });
    expect(new Set(names).size).toBe(names.length);
  });

  test('the whole product is four shapes, operations and in flight, and two sizes', () => {
    const product = namesIn({ FULL: '1' }).filter(name =>
      /^[13] nodes? (fsync|os), [^,]*, \d+ in/.test(name),
    );
    expect(product.length).toBe(4 * 4 * 4 * 2);
  });

  test('open loops come after the closed ones that say how much there is to take a part of', () => {
    const names = namesIn({ QUICK: '1' });
    const firstOpen = names.findIndex(name => name.includes('open loop'));
    expect(names.slice(firstOpen).every(name => name.includes('open loop'))).toBe(true);
    expect(firstOpen).toBeGreaterThan(0);
  });

  test('rows can be chosen, and sections without one are left out', () => {
    expect(namesIn({ ROWS: '^3 nodes fsync, put 100 B, (64|256)' })).toEqual([
      '3 nodes fsync, put 100 B, 64 in flight',
      '3 nodes fsync, put 100 B, 256 in flight',
    ]);
    expect(planOf(readSettings({ ROWS: 'nothing like it' }))).toEqual([]);
  });
});
