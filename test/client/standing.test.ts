import { describe, expect, test } from 'vitest';
import {
  afterAnswer,
  afterFailure,
  type Candidate,
  choose,
  closedMs,
  GOOD,
  isWell,
  type Standing,
} from '../../src/client/standing.ts';

const now = 10_000;
const avoided: Standing = { ...GOOD, failures: 1, failedAt: now - 500, avoidUntil: now + 500 };
const closed: Standing = { ...avoided, closedUntil: now + 200, overloaded: true };
const longClosed: Standing = { ...closed, closedUntil: now + 900 };
const recovered: Standing = { ...GOOD, failures: 3, failedAt: now - 9000, avoidUntil: now - 1 };

type Named = Candidate & { readonly name: string };

function node(name: string, more: Partial<Candidate> = {}): Named {
  return { name, standing: GOOD, underWay: 0, suspect: false, full: () => false, ...more };
}

interface Scene {
  readonly owners: readonly Named[];
  readonly others?: readonly Named[];
  /** Names. */
  readonly asked?: readonly string[];
  readonly write?: boolean;
  readonly first?: number;
}

function chosen({ owners, others = [], asked = [], write = false, first = 0 }: Scene): string {
  const all = [...owners, ...others];
  const named = asked.map(name => all.find(other => other.name === name)!);
  return choose({ now, write, bodyBytes: 0, owners, all, asked: named, first }).name;
}

describe('which node is asked', () => {
  test.each<{ story: string; scene: Scene; name: string }>([
    {
      story: 'among equals the one whose turn it is',
      scene: { owners: [node('a'), node('b')], first: 1 },
      name: 'b',
    },
    {
      story: 'the turn goes round the corner',
      scene: { owners: [node('a'), node('b')], first: 2 },
      name: 'a',
    },
    {
      story: 'the one with the least under way',
      scene: { owners: [node('a', { underWay: 3 }), node('b', { underWay: 2 })] },
      name: 'b',
    },
    {
      story: 'an owner, though another node has nothing to do',
      scene: { owners: [node('a', { underWay: 300 })], others: [node('b')] },
      name: 'a',
    },
    {
      story: 'another owner, when one was asked already',
      scene: { owners: [node('a'), node('b')], asked: ['a'] },
      name: 'b',
    },
    {
      story: 'none that failed a moment ago',
      scene: { owners: [node('a', { standing: avoided }), node('b', { underWay: 9 })] },
      name: 'b',
    },
    {
      story: 'none that owes answers and is silent',
      scene: { owners: [node('a', { suspect: true, underWay: 1 }), node('b', { underWay: 9 })] },
      name: 'b',
    },
    {
      story: 'one that failed long ago: somebody has to find out',
      scene: { owners: [node('a', { standing: recovered }), node('b', { underWay: 9 })] },
      name: 'a',
    },
    {
      story: 'but while somebody finds out nobody else',
      scene: { owners: [node('a', { standing: recovered, underWay: 1 }), node('b', { underWay: 9 })] },
      name: 'b',
    },
    {
      story: 'a node that is no owner, rather than an owner that failed a moment ago',
      scene: { owners: [node('a', { standing: avoided })], others: [node('b')] },
      name: 'b',
    },
    {
      story: 'a node that is no owner, rather than one that was asked',
      scene: { owners: [node('a')], others: [node('b')], asked: ['a'] },
      name: 'b',
    },
    {
      story: 'the least asked, when all failed',
      scene: {
        owners: [node('a', { standing: avoided }), node('b', { standing: avoided })],
        asked: ['a', 'a', 'b'],
      },
      name: 'b',
    },
    {
      story: 'none that asked for a pause',
      scene: { owners: [node('a', { standing: closed }), node('b')], asked: ['b', 'b', 'b'] },
      name: 'b',
    },
    {
      story: 'when all asked for a pause, the one whose pause ends first',
      scene: { owners: [node('a', { standing: longClosed }), node('b', { standing: closed })] },
      name: 'b',
    },
    {
      story: 'a full one only when all owners that are well are full',
      scene: { owners: [node('a', { full: () => true }), node('b', { underWay: 900 })] },
      name: 'b',
    },
    {
      story: 'a full owner that is well, rather than one that failed: there will be room',
      scene: { owners: [node('a', { full: () => true }), node('b', { standing: avoided })] },
      name: 'a',
    },
    { story: 'the only one', scene: { owners: [node('a', { standing: avoided })], asked: ['a'] }, name: 'a' },
  ])('$story', ({ scene, name }) => {
    expect(chosen(scene)).toBe(name);
  });

  test.each([
    { first: 0, second: 0, name: 'a' },
    { first: 16, second: 0, name: 'a' },
    { first: 17, second: 0, name: 'b' },
    { first: 100, second: 42, name: 'a' },
    { first: 100, second: 41, name: 'b' },
  ])('a write, with $first under way to the first owner and $second to the second: $name', load => {
    const owners = [node('a', { underWay: load.first }), node('b', { underWay: load.second })];
    expect(chosen({ owners, write: true })).toBe(load.first > 16 + 2 * load.second ? 'b' : 'a');
    expect(chosen({ owners, write: true })).toBe(load.name);
  });
});

describe('what a failure leaves', () => {
  test.each([
    [0, 1_000],
    [1, 2_000],
    [3, 8_000],
    [4, 15_000],
    [50, 15_000],
  ])('after %i failures it is avoided for %i ms', (failures, avoidMs) => {
    const after = afterFailure({ ...GOOD, failures }, { now, pushbackMs: undefined, overloaded: false });
    expect(after).toMatchObject({ failures: failures + 1, failedAt: now, avoidUntil: now + avoidMs });
    expect([closedMs(after, now), isWell(node('a', { standing: after }), now)]).toEqual([0, false]);
  });

  test('a thousand that fail at once are one failure', () => {
    let standing = GOOD;
    for (let i = 0; i < 1000; i += 1)
      standing = afterFailure(standing, { now: now + i / 100, pushbackMs: undefined, overloaded: false });
    expect([standing.failures, standing.avoidUntil]).toEqual([1, now + 1000]);
  });

  test('a pause it asked for is kept, and is not cut short by a later, shorter one', () => {
    const first = afterFailure(GOOD, { now, pushbackMs: 700, overloaded: true });
    const second = afterFailure(first, { now: now + 1, pushbackMs: 100, overloaded: true });
    expect([closedMs(first, now), closedMs(second, now), second.overloaded]).toEqual([700, 700, true]);
  });

  test('an answer makes it good again, but not one to what was asked before it failed', () => {
    expect(afterAnswer(closed, closed.failedAt - 1)).toBe(closed);
    expect(afterAnswer(closed, closed.failedAt + 1)).toBe(GOOD);
  });
});
