import { expect, test } from 'vitest';
import { equalBytes } from '../../src/base/bytes.ts';
import type { KeyPlace } from '../../src/core/ring/placement.ts';
import { dataKey } from '../../src/replica/layout.ts';
import { listSegments } from '../../src/replica/segment-rows.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { neighbours, openOn } from '../support/open-replica.ts';
import { sampleRecord } from '../support/samples.ts';
import { settled } from '../support/settled.ts';

const CALL = { deadline: Number.POSITIVE_INFINITY, cancelled: false };
const [ONE, TWO] = neighbours(2) as [KeyPlace, KeyPlace];
const { partition, segment } = ONE;
const SEGMENT = { partition, segment };

async function opened(...places: readonly KeyPlace[]) {
  const node = await openOn(new MemoryStore());
  await node.replica.applyAll(places.map(place => ({ place, record: sampleRecord(place) })));
  const damaged: KeyPlace[] = [];
  const source = { store: node.store, onDamage: (place: KeyPlace) => damaged.push(place) };
  const list = async () => (await listSegments([SEGMENT], source))[0];
  return { ...node, list, damaged };
}

function listed(place: KeyPlace) {
  return { place, digest: expect.toSatisfy(digest => equalBytes(digest, sampleRecord(place).digest)) };
}

test('a segment is listed with its digests, and no key of another', async () => {
  const { list } = await opened(ONE, TWO, ...neighbours(3).filter(place => place.segment !== segment));
  const found = await list();
  expect(found).toHaveLength(2);
  expect(found).toEqual(expect.arrayContaining([listed(ONE), listed(TWO)]));
});

test('a row that is still on its way to the disk is not listed', async () => {
  const { list, store, replica } = await opened(ONE);
  store.holdWrites();
  const durable = replica.apply({ place: TWO, record: sampleRecord(TWO), standsInFor: undefined }, CALL);
  await settled();
  expect(await list()).toEqual([listed(ONE)]);
  store.releaseWrites();
  await durable;
  expect(await list()).toHaveLength(2);
});

test('a damaged row is left out and told of', async () => {
  const { list, store, damaged } = await opened(ONE, TWO);
  store.flipBit(dataKey(ONE), 8 * 60);
  expect(await list()).toEqual([listed(TWO)]);
  expect(damaged).toEqual([ONE]);
});

test('a segment that cannot be read is refused, not taken for an empty one', async () => {
  const { list, store } = await opened(ONE);
  store.failReads({ corrupt: true });
  await expect(list()).rejects.toMatchObject({ failure: 'refused' });
});
