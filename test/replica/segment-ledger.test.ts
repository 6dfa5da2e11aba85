import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { partition, segment } from '../../src/base/ids.ts';
import type { SegmentPlace } from '../../src/core/ring/segments.ts';
import { addRow, emptySum, rowsOf, type SegmentSum } from '../../src/core/rows/segment-sums.ts';
import { Committer } from '../../src/replica/committer.ts';
import { factKey, sumKey } from '../../src/replica/layout.ts';
import { SegmentLedger } from '../../src/replica/segment-ledger.ts';
import { Counters } from '../../src/system/counters.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { settled } from '../support/settled.ts';

const PARTITIONS = 4;
const HERE = at(1, 7);
const THERE = at(1, 8);
const ONE = Buffer.alloc(16, 0xf1);
const TWO = Buffer.alloc(16, 0xf2);

function at(ofPartition: number, ofSegment: number): SegmentPlace {
  return { partition: partition(ofPartition), segment: segment(ofSegment) };
}

function sumOf(...digests: Buffer[]): SegmentSum {
  const sum = emptySum();
  for (const digest of digests) addRow(sum, digest);
  return sum;
}

async function open(store = new MemoryStore()) {
  const ledger = await SegmentLedger.load(store, PARTITIONS);
  const committer = new Committer({ store, metrics: new Counters(), ledgers: [ledger] });
  /** Some row changes with it: which one does not matter to the sums. */
  const change = (place: SegmentPlace, digests: { before?: Buffer; after?: Buffer }) => {
    const durable = committer.queue([{ key: factKey('row'), value: Buffer.alloc(1) }]);
    ledger.change({ ...place, before: digests.before, after: digests.after });
    return durable;
  };
  return { store, ledger, committer, change };
}

test('what peers are told is committed: a queued row is not in the sums until it is durable', async () => {
  const { store, ledger, change } = await open();
  store.holdWrites();
  const durable = change(HERE, { after: ONE });
  expect(ledger.sum(HERE)).toEqual(emptySum());
  expect(ledger.records).toBe(0);
  store.releaseWrites();
  await durable;
  expect(ledger.sum(HERE)).toEqual(sumOf(ONE));
  expect(ledger.records).toBe(1);
});

test('a row that comes, is replaced and goes while batches are under way leaves no sum behind', async () => {
  const { store, ledger, committer, change } = await open();
  store.holdWrites();
  void change(HERE, { after: ONE });
  await settled();
  void change(HERE, { before: ONE, after: TWO });
  void change(HERE, { before: TWO });
  store.releaseWrites();
  await committer.flush();
  expect(ledger.sum(HERE)).toEqual(emptySum());
  expect(store.get(sumKey(HERE))).toBeUndefined();
});

test('a change builds on the one under way, also when the one before that has just been committed', async () => {
  const { store, ledger, committer, change } = await open();
  store.holdWrites();
  const first = change(HERE, { after: ONE });
  await settled();
  void change(HERE, { after: TWO });
  store.releaseWrites();
  store.holdWrites();
  await first;
  await settled();
  expect(store.underWay).toBeDefined();
  void change(HERE, { before: ONE });
  store.releaseWrites();
  await committer.flush();
  expect(ledger.sum(HERE)).toEqual(sumOf(TWO));
});

test('sums, totals and counts come back from the store', async () => {
  const { store, ledger, change } = await open();
  await change(HERE, { after: ONE });
  await change(THERE, { after: TWO });
  await change(at(3, 1023), { after: TWO });
  const again = (await open(store.reopened())).ledger;
  for (const read of [ledger, again]) {
    expect(read.sum(HERE)).toEqual(sumOf(ONE));
    expect(read.partitionSum(partition(1))).toEqual(sumOf(ONE, TWO));
    expect(read.partitionSum(partition(2))).toEqual(emptySum());
    expect(read.partitionsWithRows()).toEqual([1, 3]);
    expect(read.records).toBe(3);
    expect(read.doubtful()).toEqual([]);
  }
});

test('when a batch fails its changes are gone from the sums', async () => {
  const { store, ledger, change } = await open();
  await change(HERE, { after: ONE });
  store.failNextWrite();
  await change(HERE, { before: ONE, after: TWO }).catch(() => undefined);
  expect(ledger.sum(HERE)).toEqual(sumOf(ONE));
  expect(rowsOf(ledger.partitionSum(partition(1)))).toBe(1);
});

test('a damaged sum row makes its segment doubtful, and no other', async () => {
  const { store, change } = await open();
  await change(HERE, { after: ONE });
  await change(THERE, { after: TWO });
  const found = store.reopened();
  found.flipBit(sumKey(HERE), 77);
  const { ledger } = await open(found);
  expect(ledger.doubtful()).toEqual([HERE]);
  expect(ledger.isDoubtful(HERE)).toBe(true);
  expect(ledger.isDoubtful(THERE)).toBe(false);
  expect(ledger.records).toBe(1);
});

test('a doubt survives restarts, and later changes of the segment', async () => {
  const { store, ledger, change } = await open();
  await change(HERE, { after: ONE });
  const durable = change(HERE, { after: TWO });
  ledger.doubt(HERE);
  expect(ledger.isDoubtful(HERE)).toBe(true);
  await durable;
  await change(HERE, { before: TWO });
  const again = await open(store.reopened());
  expect(again.ledger.doubtful()).toEqual([HERE]);
  expect(again.ledger.partitionsWithRows()).toEqual([1]);
});

test('a doubtful segment whose rows go counts no records, rather than four thousand million', async () => {
  const { store, change } = await open();
  await change(HERE, { after: ONE });
  await change(THERE, { after: ONE });
  const found = store.reopened();
  found.flipBit(sumKey(HERE));
  const again = await open(found);
  await again.change(HERE, { before: ONE });
  expect(again.ledger.records).toBe(1);
});

test('a sum of a partition that this cluster does not have is left alone', async () => {
  const { store, change } = await open();
  await change(HERE, { after: ONE });
  const ledger = await SegmentLedger.load(store.reopened(), 1);
  expect(ledger.records).toBe(0);
});

test('records of some partitions are counted by themselves, and those of doubtful segments not at all', async () => {
  const { ledger, change } = await open();
  const ELSEWHERE = at(2, 7);
  await Promise.all([HERE, THERE, ELSEWHERE].map(place => change(place, { after: ONE })));
  expect(ledger.records).toBe(3);
  expect(ledger.recordsWhere(index => index === ELSEWHERE.partition)).toBe(1);
  ledger.doubt(HERE);
  expect(ledger.recordsWhere(index => index === HERE.partition)).toBe(1);
});

test('the version of a partition grows with what peers are told of it, and with nothing else', async () => {
  const { store, ledger, change } = await open();
  const versions = () => [HERE.partition, partition(2)].map(index => ledger.version(index));
  const [before, elsewhere] = versions();
  store.holdWrites();
  const durable = change(HERE, { after: ONE });
  expect(versions()).toEqual([before, elsewhere]);
  store.releaseWrites();
  await durable;
  const [after] = versions();
  expect(after).toBeGreaterThan(before!);
  expect(ledger.sumsOf(HERE.partition)?.subarray(HERE.segment * 5, HERE.segment * 5 + 5)).toEqual(sumOf(ONE));
  ledger.doubt(HERE);
  const [doubted] = versions();
  expect(doubted).toBeGreaterThan(after!);
  await change(THERE, { after: TWO });
  const ticket = ledger.beginCount(HERE);
  expect(ledger.settle(ticket, sumOf(ONE))).toBe(true);
  expect(versions()[0]).toBeGreaterThan(doubted!);
  expect(versions()[1]).toBe(elsewhere);
});
