/** What says that a campaign did not get to its corners, and keeps silent where that may be chance. */
import { describe, expect, test } from 'vitest';
import { RARE_METRICS } from '../reached.ts';
import { CORNERS, neverReached } from './corners.ts';

const everything = Object.fromEntries(CORNERS.map(corner => [corner, 1]));

function without(...missed: readonly string[]) {
  return Object.fromEntries(Object.entries(everything).filter(([corner]) => !missed.includes(corner)));
}

describe('what a campaign never reached', () => {
  test('is nothing when each corner was reached once', () => {
    expect(neverReached({ seeds: 10_000, reached: everything })).toEqual([]);
  });

  test('is named, corner by corner', () => {
    const reached = without('read.repair', 'outcast: dead');
    expect(neverReached({ seeds: 1_000, reached })).toEqual(['read.repair', 'outcast: dead']);
  });

  test('is, in the ninety seconds of a change, what every second seed meets', () => {
    const reached = without('read.repair', 'commit.faults', 'outcast: dead');
    expect(neverReached({ seeds: 45, reached })).toEqual(['commit.faults', 'read.repair']);
  });

  test('cannot be told after a few seeds', () => {
    expect(neverReached({ seeds: 14, reached: {} })).toEqual([]);
  });

  test('can be told of every corner after some hundred seeds', () => {
    expect(neverReached({ seeds: 1_000, reached: {} })).toEqual(CORNERS);
  });

  test('holds all rare metrics but those that nothing is sure to meet', () => {
    const unsure = ['row.heal-in-vain', 'scrub.drift'];
    expect(RARE_METRICS.filter(metric => !CORNERS.includes(metric))).toEqual(unsure);
  });
});
