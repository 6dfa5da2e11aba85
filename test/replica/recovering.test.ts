import { expect, test } from 'vitest';
import { partition } from '../../src/base/ids.ts';
import { Committer } from '../../src/replica/committer.ts';
import { RECOVERING_KEY, RecoveringPartitions } from '../../src/replica/recovering.ts';
import { Counters } from '../../src/system/counters.ts';
import { MemoryStore } from '../support/memory-store.ts';

function load(store: MemoryStore, { born = true } = {}): RecoveringPartitions {
  const committer = new Committer({ store, metrics: new Counters(), ledgers: [] });
  return new RecoveringPartitions({ store, committer, born });
}

test('marks outlive a restart, one by one', async () => {
  const store = new MemoryStore();
  const first = load(store, { born: false });
  expect([first.count, first.told]).toEqual([0, true]);
  await first.markAll();
  await first.clear([partition(0), partition(9), partition(255)]);
  const again = load(store.reopened());
  expect(again.count).toBe(253);
  expect([0, 9, 255, 1].map(index => again.has(partition(index)))).toEqual([false, false, false, true]);
});

test.each(['lost', 'damaged'])('a store whose marks are %s is recovering everywhere (I5)', async what => {
  const store = new MemoryStore();
  await load(store, { born: false }).write();
  expect(load(store).count).toBe(0);
  if (what === 'lost') store.lose(RECOVERING_KEY);
  else store.flipBit(RECOVERING_KEY);
  const after = load(store);
  expect([after.count, after.told]).toEqual([256, false]);
});
