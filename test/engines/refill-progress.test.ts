/** What a refill tells of itself, by a virtual clock. */
import { expect, test } from 'vitest';
import { partition } from '../../src/base/ids.ts';
import { placeKey } from '../../src/core/ring/placement.ts';
import { RefillProgress } from '../../src/repair/refill-progress.ts';
import { sampleRecord } from '../support/samples.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

async function begun() {
  const clock = new VirtualClock();
  const progress = new RefillProgress(clock);
  progress.begin();
  await clock.pass(1_000);
  return { clock, progress };
}

test('what is left takes as long for each partition as those that are finished took', async () => {
  const { progress } = await begun();
  expect(progress.told(100)).toEqual({ records: 0, bytes: 0, tookMs: 1_000, leftMs: undefined });
  for (let i = 0; i < 20; i++) progress.tried(partition(i), true);
  expect(progress.told(80).leftMs).toBe(4_000);
});

test('nobody knows how long a partition waits that could not be merged, until it is', async () => {
  const { progress } = await begun();
  progress.tried(partition(0), true);
  progress.tried(partition(1), false);
  progress.tried(partition(2), true);
  expect(progress.told(5).leftMs).toBeUndefined();
  progress.tried(partition(1), true);
  expect(progress.told(3).leftMs).toBe(1_000);
});

test('when it has ended it tells what it brought, until the next begins', async () => {
  const { progress, clock } = await begun();
  const one = { place: placeKey({ bucket: 'b', key: 'k' }), record: sampleRecord() };
  progress.brought([one, one]);
  progress.end();
  await clock.pass(1_000);
  expect(progress.told(0)).toEqual({
    records: 2,
    bytes: 2 * one.record.bytes.byteLength,
    tookMs: 0,
    leftMs: undefined,
  });
  progress.begin();
  expect(progress.told(9)).toEqual({ records: 0, bytes: 0, tookMs: 0, leftMs: undefined });
});
