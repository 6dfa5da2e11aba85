/**
 * The view is a lattice: every pair and triple of what can be said of one member at small versions, by two
 * processes that bear its name, merges to the same in any order (DESIGN §7; TRAPS R8, R9).
 */
import { describe, expect, it, test } from 'vitest';
import { bootId, nodeName } from '../../../src/base/ids.ts';
import {
  agreeOn,
  aliveEntry,
  canBeRaisedAbove,
  downEntry,
  type Entry,
  isCredible,
  joinEntries,
  type MemberState,
  PROCESS_STEP,
  raisedAbove,
  SUSPECTERS_MAX,
  sameEntry,
  suspectedBy,
  VERSION_LEAP_MAX,
  VERSION_MAX,
  viewDigest,
} from '../../../src/core/membership/view.ts';
import { sampleMember } from '../../support/samples.ts';

const STATES: readonly MemberState[] = ['alive', 'suspect', 'down', 'removed'];
const PROCESSES = [sampleMember('n3'), { ...sampleMember('n3'), bootId: bootId('ff'.repeat(16)) }];

/** By one process of n3, suspected by these. */
const said = (version: number, state: MemberState, by: readonly string[] = [], process = 0): Entry => ({
  ...PROCESSES[process]!,
  version,
  state,
  suspectedBy: by.map(nodeName),
});

/** All that can be said of n3. */
const ALL: readonly Entry[] = [1, 2, 3].flatMap(version =>
  [0, 1].flatMap(process =>
    STATES.flatMap(state =>
      (state === 'suspect' ? [['n1'], ['n2'], ['n1', 'n2', 'n4']] : [[]]).map(by =>
        said(version, state, by, process),
      ),
    ),
  ),
);

const isAtLeast = (a: Entry, b: Entry) => sameEntry(joinEntries(a, b), a);

describe('two views merge to the same', () => {
  test('whichever comes first', () => {
    for (const a of ALL) for (const b of ALL) expect(joinEntries(a, b)).toEqual(joinEntries(b, a));
  });

  test('however three of them are grouped', () => {
    for (const a of ALL)
      for (const b of ALL) {
        const ab = joinEntries(a, b);
        for (const c of ALL)
          if (!sameEntry(joinEntries(ab, c), joinEntries(a, joinEntries(b, c))))
            expect.fail(JSON.stringify([a, b, c]));
      }
  });

  test('however often they do', () => {
    for (const a of ALL)
      for (const b of ALL) {
        const ab = joinEntries(a, b);
        expect(joinEntries(ab, b)).toEqual(ab);
        expect(joinEntries(ab, ab)).toEqual(ab);
      }
  });

  test('and never to less than either knew', () => {
    for (const a of ALL)
      for (const b of ALL) {
        const ab = joinEntries(a, b);
        expect([isAtLeast(ab, a), isAtLeast(ab, b)]).toEqual([true, true]);
      }
  });
});

describe('what beats what', () => {
  it.each<[string, Entry, Entry]>([
    ['suspect beats alive at one version', said(2, 'suspect', ['n1']), said(2, 'alive')],
    ['down beats suspect at one version', said(2, 'down'), said(2, 'suspect', ['n1'])],
    ['down beats alive at one version', said(2, 'down'), said(2, 'alive')],
    ['a new version beats a suspicion', said(3, 'alive'), said(2, 'suspect', ['n1'])],
    ['only a new version revives the dead', said(3, 'alive'), said(2, 'down')],
    ['an old word of a dead member does not revive it', said(2, 'down'), said(1, 'alive')],
    ['an old death does not kill who has spoken since', said(3, 'alive'), said(1, 'down')],
    ['a removal beats the newest word of the removed', said(1, 'removed'), said(3, 'alive')],
    ['a removal beats another process under the name', said(1, 'removed'), said(3, 'alive', [], 1)],
  ])('%s', (_, winner, loser) => {
    expect(joinEntries(winner, loser)).toEqual(winner);
    expect(joinEntries(loser, winner)).toEqual(winner);
  });

  test('whatever is said after a removal, the member stays removed', () => {
    for (const entry of ALL) expect(joinEntries(said(1, 'removed'), entry).state).toBe('removed');
  });

  test('all believe the same of two processes that gave out one version', () => {
    const two = [said(2, 'alive', [], 0), said(2, 'alive', [], 1)] as const;
    expect(joinEntries(two[0], two[1])).toEqual(joinEntries(two[1], two[0]));
    expect(two).toContainEqual(joinEntries(two[0], two[1]));
  });
});

describe('suspicions add up', () => {
  test('of the same version, each suspecter once, sorted, and not more than count', () => {
    const five = ['n9', 'n2', 'n7', 'n2', 'n5'].map(nodeName);
    const all = five.reduce((entry, by) => joinEntries(entry, suspectedBy(entry, by)), said(2, 'alive'));
    expect(all).toMatchObject({ version: 2, state: 'suspect', suspectedBy: ['n2', 'n5', 'n7'] });
    expect(all.suspectedBy).toHaveLength(SUSPECTERS_MAX);
  });

  test('until the member is called down, or has spoken', () => {
    const suspect = said(2, 'suspect', ['n1', 'n2']);
    expect(downEntry(suspect)).toEqual(said(2, 'down'));
    expect(raisedAbove(suspect, 2)).toEqual(said(3, 'alive'));
  });
});

describe('the owner goes above what it hears of itself', () => {
  it.each([
    { own: 1, heard: 0, raised: 2 },
    { own: 1, heard: 1, raised: 2 },
    { own: 1, heard: 7, raised: 8 },
    { own: 7, heard: 1, raised: 8 },
  ])('at $own, having heard $heard: $raised', ({ own, heard, raised }) => {
    expect(raisedAbove(said(own, 'alive'), heard)).toEqual(said(raised, 'alive'));
  });
});

describe('a version is credible', () => {
  it.each<[version: number, known: number, credible: boolean]>([
    [0, 0, true],
    [1, 0, true],
    [VERSION_LEAP_MAX, 0, true],
    [1 + VERSION_LEAP_MAX, 0, false],
    [1, 5, true],
    [6, 5, true],
    [5 + VERSION_LEAP_MAX, 5, true],
    [6 + VERSION_LEAP_MAX, 5, false],
    [VERSION_MAX, 5, false],
    [VERSION_MAX, VERSION_MAX, true],
    [VERSION_MAX, 0, false],
    [VERSION_MAX + 1, VERSION_MAX, false],
    [2 ** 53, 0, false],
    [2 ** 53, 2 ** 52, false],
    [2 ** 64, 0, false],
    [Number.POSITIVE_INFINITY, 0, false],
    [Number.NaN, 0, false],
    [Number.NaN, 5, false],
    [-1, 0, false],
    [1.5, 0, false],
  ])('%d, when %s is known: %s', (version, known, credible) => {
    expect(isCredible(version, known)).toBe(credible);
  });
});

test('an owner goes above no version that leaves no room for what follows: beyond, its entry could not be read', () => {
  const last = VERSION_MAX - PROCESS_STEP;
  expect(canBeRaisedAbove(last, last)).toBe(true);
  expect(canBeRaisedAbove(last + 1, last)).toBe(false);
  expect(canBeRaisedAbove(VERSION_MAX, last)).toBe(false);
});

describe('a digest of a view', () => {
  const other = aliveEntry(sampleMember('n1'), 4);

  test('is equal exactly when two agree on a member', () => {
    for (const a of ALL) for (const b of ALL) expect(viewDigest([a]) === viewDigest([b])).toBe(agreeOn(a, b));
  });

  test('does not depend on the order, nor on who suspects', () => {
    const some = said(2, 'suspect', ['n1']);
    const more = said(2, 'suspect', ['n1', 'n2']);
    expect(viewDigest([other, some])).toBe(viewDigest([more, other]));
  });

  test('tells one more member, and the order of members with their parts swapped', () => {
    expect(viewDigest([other])).not.toBe(viewDigest([other, said(1, 'alive')]));
    expect(viewDigest([])).toMatch(/^[0-9a-f]{16}$/);
    const moved = { ...other, address: other.peerAddress, peerAddress: other.address };
    expect(viewDigest([moved])).not.toBe(viewDigest([other]));
  });
});
