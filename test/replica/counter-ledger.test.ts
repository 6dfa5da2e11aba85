import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { type Incarnation, incarnation } from '../../src/base/ids.ts';
import { actorOf } from '../../src/core/record/version-vector.ts';
import { Committer } from '../../src/replica/committer.ts';
import { CounterLedger } from '../../src/replica/counter-ledger.ts';
import { factKey, knownKey } from '../../src/replica/layout.ts';
import { Counters } from '../../src/system/counters.ts';
import { MemoryStore } from '../support/memory-store.ts';

const OURS = incarnation(Buffer.alloc(8, 0xa1));
const THEIRS = incarnation(Buffer.alloc(8, 0xb2));
const NEW = incarnation(Buffer.alloc(8, 0xc3));

async function open(store = new MemoryStore(), ours: Incarnation = OURS) {
  const counters = await CounterLedger.load(store, ours);
  const committer = new Committer({ store, metrics: new Counters(), ledgers: [counters] });
  const commit = () => committer.queue([{ key: factKey('row'), value: Buffer.alloc(1) }]);
  return { store, counters, commit };
}

function dot(of: Incarnation, counter: number) {
  return { actor: actorOf(of, 1), counter };
}

test('counters go on where the last committed batch left them', async () => {
  const { store, counters, commit } = await open();
  expect([counters.next(), counters.next()]).toEqual([1, 2]);
  await commit();
  const again = await open(store.reopened());
  expect(again.counters.last).toBe(2);
  expect(again.counters.next()).toBe(3);
});

test('of every incarnation the highest counter heard is kept, whatever comes later', async () => {
  const { store, counters, commit } = await open();
  for (const counter of [4, 9, 7]) counters.heard(dot(THEIRS, counter));
  await commit();
  const again = (await open(store.reopened())).counters;
  expect(again.highest(THEIRS)).toBe(9);
  expect(again.highest(NEW)).toBe(0);
});

test('a new incarnation counts from one, and what is known of the old one stays', async () => {
  const { store, counters, commit } = await open();
  counters.next();
  counters.renew(NEW);
  expect(counters.incarnation).toBe(NEW);
  expect([counters.last, counters.next()]).toEqual([0, 1]);
  await commit();
  const again = (await open(store.reopened(), NEW)).counters;
  expect([again.last, again.highest(OURS)]).toEqual([1, 1]);
});

test('only what changed is written with a batch', async () => {
  const { store, counters, commit } = await open();
  counters.next();
  counters.heard(dot(THEIRS, 4));
  await commit();
  counters.heard(dot(THEIRS, 3));
  expect(counters.close()).toEqual([]);
  counters.next();
  expect(counters.close().map(({ key }) => key)).toEqual([knownKey(OURS)]);
  expect(store.get(knownKey(THEIRS))).toBeDefined();
});

test('a damaged counter may be anybody’s: strangers are told the worst, our own begins anew', async () => {
  const { store, counters, commit } = await open();
  counters.next();
  counters.heard(dot(THEIRS, 4));
  await commit();
  const found = store.reopened();
  found.flipBit(knownKey(OURS), 50);
  const again = (await open(found)).counters;
  expect(again.last).toBe(0);
  expect(again.highest(THEIRS)).toBe(4);
  expect(again.highest(NEW)).toBe(Number.MAX_SAFE_INTEGER);
});

test('counters do not go beyond what a number can hold', async () => {
  const { counters } = await open();
  counters.heard(dot(OURS, Number.MAX_SAFE_INTEGER));
  expect(() => counters.next()).toThrow(/2\^53/);
});
