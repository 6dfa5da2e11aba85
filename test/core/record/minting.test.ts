import { describe, expect, test } from 'vitest';
import type { Incarnation } from '../../../src/base/ids.ts';
import { mint } from '../../../src/core/record/minting.ts';
import { actorOf } from '../../../src/core/record/version-vector.ts';

const before = 'before..' as Incarnation;
const now = 'now.....' as Incarnation;

describe('the actor of a write (I3)', () => {
  test('is born with the first write to a key', () => {
    expect(mint(undefined, { incarnation: now, counter: 7 })).toEqual({
      dot: { actor: actorOf(now, 7), counter: 7 },
      birth: { incarnation: now, counter: 7 },
    });
  });

  test('goes on as long as its row is held, with counters that other keys have pushed on', () => {
    const { birth } = mint(undefined, { incarnation: now, counter: 7 });
    expect(mint(birth, { incarnation: now, counter: 12 })).toEqual({
      dot: { actor: actorOf(now, 7), counter: 12 },
      birth,
    });
  });

  test('is another after a crash: a birth of an older incarnation is no birth', () => {
    const { birth } = mint(undefined, { incarnation: before, counter: 7 });
    expect(mint(birth, { incarnation: now, counter: 1 }).dot.actor).toBe(actorOf(now, 1));
  });

  test('is another when the row was lost, though the node is the same: it claims nothing that it forgot', () => {
    const first = mint(undefined, { incarnation: now, counter: 7 });
    const second = mint(undefined, { incarnation: now, counter: 8 });
    expect(second.dot.actor).not.toBe(first.dot.actor);
  });
});
