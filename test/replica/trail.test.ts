import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import type { Floor } from '../../src/ports/floor.ts';
import { Committer } from '../../src/replica/committer.ts';
import { factKey, trailKey } from '../../src/replica/layout.ts';
import { BatchTrail } from '../../src/replica/trail.ts';
import { Counters } from '../../src/system/counters.ts';
import { MemoryStore } from '../support/memory-store.ts';

class MemoryFloor implements Floor {
  noted: number | undefined;

  async read(): Promise<number | undefined> {
    return this.noted;
  }

  note(batch: number): void {
    this.noted = batch;
  }
}

async function open(store = new MemoryStore(), floor = new MemoryFloor(), slots?: number) {
  const trail = await BatchTrail.load(store, floor, slots);
  const committer = new Committer({ store, metrics: new Counters(), ledgers: [trail] });
  const commit = async (batches: number) => {
    for (let i = 0; i < batches; i++)
      await committer.queue([{ key: factKey('row'), value: Buffer.alloc(1) }]);
  };
  return { store, floor, trail, commit };
}

/** A store after this many batches, without the time it takes to commit them. */
async function storeAfter(batches: number, slots: number): Promise<MemoryStore> {
  const store = new MemoryStore();
  const trail = await BatchTrail.load(store, new MemoryFloor(), slots);
  await store.write(Array.from({ length: batches }, () => trail.close()).flat());
  return store;
}

test('a new store has no batches and no break', async () => {
  const { trail } = await open();
  expect(trail).toMatchObject({ last: 0, broken: false });
});

test('the last batch is known, before and after a restart', async () => {
  const { store, trail, commit } = await open();
  await commit(3);
  expect(trail.last).toBe(3);
  const again = await open(store.reopened());
  expect(again.trail).toMatchObject({ last: 3, broken: false });
  await again.commit(1);
  expect((await open(again.store.reopened())).trail).toMatchObject({ last: 4, broken: false });
});

test.each([1, 2, 4])('LevelDB dropped batch %i of five from its log: the trail is broken', async dropped => {
  const { store, commit } = await open();
  await commit(5);
  const found = store.reopened();
  found.lose(trailKey(dropped));
  expect((await open(found)).trail).toMatchObject({ last: 5, broken: true });
});

test('a damaged step proves nothing: broken, too', async () => {
  const { store, commit } = await open();
  await commit(5);
  const found = store.reopened();
  found.flipBit(trailKey(2), 40);
  expect((await open(found)).trail.broken).toBe(true);
});

test('a cut tail leaves no break, but the floor is above it', async () => {
  const { store, floor, commit } = await open();
  await commit(5);
  const found = store.reopened();
  found.lose(trailKey(5));
  const again = await open(found, floor);
  expect(again.trail).toMatchObject({ last: 4, broken: false });
  expect(await floor.read()).toBe(5);
});

test('a break is reported until the next batch, which begins a new run', async () => {
  const { store, commit } = await open();
  await commit(5);
  const found = store.reopened();
  found.lose(trailKey(2));
  expect((await open(found)).trail.broken).toBe(true);
  const again = await open(found);
  expect(again.trail.broken).toBe(true);
  await again.commit(2);
  const healed = await open(found.reopened());
  expect(healed.trail).toMatchObject({ last: 7, broken: false });
  const brokenAgain = found.reopened();
  brokenAgain.lose(trailKey(6));
  expect((await open(brokenAgain)).trail.broken).toBe(true);
});

test('when slots are used again, a dropped batch leaves its slot with the number from one round before', async () => {
  const found = async (store: MemoryStore) => (await open(store, new MemoryFloor(), 1000)).trail;
  const store = await storeAfter(1010, 1000);
  expect(await found(store)).toMatchObject({ last: 1010, broken: false });
  const fifth = (await storeAfter(5, 1000)).get(trailKey(5));
  await store.write([{ key: trailKey(5), value: fifth }]);
  expect(await found(store)).toMatchObject({ last: 1010, broken: true });
});

test('the floor is noted after the commit, and not for a batch that failed', async () => {
  const { store, floor, trail, commit } = await open();
  await commit(2);
  expect(floor.noted).toBe(2);
  store.failNextWrite({ applied: true });
  await commit(1).catch(() => undefined);
  expect(floor.noted).toBe(2);
  expect(trail.last).toBe(2);
  expect((await open(store.reopened())).trail).toMatchObject({ last: 3, broken: false });
});
