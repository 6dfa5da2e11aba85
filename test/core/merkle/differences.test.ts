import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import {
  type Difference,
  differences,
  type Listed,
  seenTwice,
} from '../../../src/core/merkle/differences.ts';
import { placeKey } from '../../../src/core/ring/placement.ts';

const digest = (n: number) => Buffer.alloc(16, n);
const place = (key: string) => placeKey({ bucket: 'b', key });
const listed = (key: string, n: number): Listed => ({ place: place(key), digest: digest(n) });

const shown = (found: readonly Difference[]) =>
  found.map(({ place: { key }, mine, theirs }) => [key, mine?.[0], theirs?.[0]]);

describe('differences', () => {
  it('what the other lacks, what is lacking here, and what both hold in another form, each key once', () => {
    const mine = [listed('same', 1), listed('only here', 2), listed('both', 3)];
    const others = [listed('both', 4), listed('only there', 5)];
    expect(shown(differences({ mine, others, lacking: [1, 2] }))).toEqual([
      ['both', 3, 4],
      ['only there', undefined, 5],
      ['only here', 2, undefined],
    ]);
  });

  it('an index of nothing that was told is nothing', () => {
    expect(differences({ mine: [], others: [], lacking: [7] })).toEqual([]);
  });
});

describe('seen twice', () => {
  const pair = (key: string, mine: number | undefined, theirs: number | undefined): Difference => ({
    place: place(key),
    mine: mine === undefined ? undefined : digest(mine),
    theirs: theirs === undefined ? undefined : digest(theirs),
  });

  it('counts only the very same two records', () => {
    const first = [
      pair('real', 1, 2),
      pair('written here', 1, 2),
      pair('written there', 1, 2),
      pair('came', 1, undefined),
    ];
    const second = [
      pair('real', 1, 2),
      pair('written here', 3, 2),
      pair('written there', 1, 3),
      pair('came', 1, 1),
    ];
    expect(shown(seenTwice(first, second))).toEqual([['real', 1, 2]]);
  });

  it('a key that one of them has not got counts when it still has not', () => {
    const lacking = [pair('there', undefined, 2), pair('here', 1, undefined)];
    expect(seenTwice(lacking, lacking)).toEqual(lacking);
  });

  it('a key that only the second look shows may be under way', () => {
    expect(seenTwice([], [pair('new', 1, undefined)])).toEqual([]);
  });
});
