/** The histories that cost other stores their data (TRAPS, section 2.1), played on the rules alone. */
import { describe, expect, test } from 'vitest';
import type { Seen } from '../../../src/core/record/record.ts';
import { BLIND, Copy } from '../../support/copy.ts';

/**
 * Each writer reads, then all write with what they read, one after the other: what a vnode clock took for
 * ever more siblings.
 */
function mostSiblings({ writers, rounds }: { writers: number; rounds: number }): number {
  const copy = new Copy('a');
  const seen: Seen[] = Array.from({ length: writers }, () => BLIND);
  let most = 0;
  for (let i = 0; i < rounds * writers; i++) {
    const writer = i % writers;
    copy.put(`${writer}:${i}`, seen[writer]);
    seen[writer] = copy.seen;
    most = Math.max(most, copy.record.siblings.length);
  }
  return most;
}

/** Each writer's context is one round old when it writes. */
function mostSiblingsInterleaved({ writers, rounds }: { writers: number; rounds: number }): number {
  const copy = new Copy('a');
  let most = 0;
  for (let round = 0; round < rounds; round++) {
    const { seen } = copy;
    for (let writer = 0; writer < writers; writer++) copy.put(`${writer}:${round}`, seen);
    most = Math.max(most, copy.record.siblings.length);
  }
  return most;
}

describe('sibling explosion (C1, riak_kv#746): interleaved get, resolve, put make no more siblings than writers', () => {
  test.each([2, 7])('%i writers, 100 rounds', writers => {
    expect(mostSiblings({ writers, rounds: 100 })).toBeLessThanOrEqual(writers);
    expect(mostSiblingsInterleaved({ writers, rounds: 100 })).toBe(writers);
  });

  test('two writers through two nodes that exchange after each put', () => {
    const copies = [new Copy('a'), new Copy('b')];
    for (let i = 0; i < 200; i++) {
      const [at, other] = [copies[i % 2]!, copies[(i + 1) % 2]!];
      at.put(`w${i}`, at.seen);
      if (i % 2 === 1) other.merge(at);
      at.merge(other);
      expect(at.record.siblings.length).toBeLessThanOrEqual(2);
    }
  });
});

describe('amnesia at the coordinator (C2, riak_kv#679): a coordinator that lost its row must not speak for what it forgot', () => {
  test.each([
    { story: 'its row was lost', restarts: 0 },
    { story: 'its row was lost and it was started anew', restarts: 1 },
  ])('$story, and a blind put follows', ({ restarts }) => {
    const [a, b] = [new Copy('a'), new Copy('b')];
    a.put('bob');
    a.put('phil', a.seen);
    b.merge(a);
    a.loseRow();
    for (let i = 0; i < restarts; i++) a.crash();
    a.put('jon');
    b.merge(a);
    a.merge(b);
    expect(b.shows).toEqual(['jon', 'phil']);
    expect(a.record).toEqual(b.record);
  });

  test('and a put with a context that names its own forgotten dots', () => {
    const [a, b] = [new Copy('a'), new Copy('b')];
    a.put('bob');
    const { seen } = a;
    a.put('phil');
    b.merge(a);
    a.loseRow();
    a.put('jon', seen);
    b.merge(a);
    expect(b.shows).toEqual(['jon', 'phil']);
  });
});

test('amnesia by way of a fallback (C3, kv679_dataloss_fb2): the fallback brings old news of an actor that went on', () => {
  const [a, b, fallback] = [new Copy('a'), new Copy('b'), new Copy('f')];
  // 1. bob through a, and to the fallback; 2. a forgets; 3. the fallback's copy comes back to a; 4. a writes
  // on.
  a.put('bob');
  fallback.merge(a);
  a.loseRow();
  a.merge(fallback);
  a.put('phil', a.seen);
  // 5. That reaches b alone; 6. a forgets again; 7. again the fallback's old copy comes back; 8. jon, beside
  // bob.
  b.merge(a);
  a.loseRow();
  a.merge(fallback);
  a.put('jon');
  expect(a.shows).toEqual(['bob', 'jon']);
  b.merge(a);
  expect(b.shows).toEqual(['jon', 'phil']);
});

describe('the doomstone (C4, kv679_tombstone): an old delete swallows no later write', () => {
  test('collected at the primaries, written again, then handed off by a fallback', () => {
    const [a, fallback] = [new Copy('a'), new Copy('f')];
    a.put('old');
    a.delete();
    fallback.merge(a);
    a.loseRow();
    a.put('new');
    a.merge(fallback);
    expect(a.shows).toEqual(['new']);
  });

  test('and not by way of a context from before either', () => {
    const a = new Copy('a');
    a.put('old');
    const { seen } = a;
    a.delete();
    a.loseRow();
    a.put('new');
    a.delete(seen);
    expect(a.shows).toEqual(['new']);
  });
});

test('two hundred actors (C9, riak_core#613): a descendant of all of them is still one, and no sibling comes back', () => {
  const copies = Array.from({ length: 200 }, (_, i) => new Copy(`n${i}`));
  const last = copies.at(-1)!;
  for (const [i, copy] of copies.entries()) copy.put(`w${i}`, copies[i - 1]?.seen);
  expect(last.record.vector).toHaveLength(200);
  for (const copy of copies) copy.merge(last);
  for (const copy of copies) expect(copy.record.siblings).toHaveLength(1);
});
