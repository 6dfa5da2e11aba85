/** An older store opens, and wherever its move is cut short, the next start finds all that there was (I7). */
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { type KeyPlace, PARTITIONS, placeKey } from '../../src/core/ring/placement.ts';
import { encodeRow } from '../../src/core/rows/row.ts';
import type { Operation } from '../../src/ports/store.ts';
import { dataKey, formerKey, formerRange, indexKey } from '../../src/replica/layout.ts';
import { SegmentLedger } from '../../src/replica/segment-ledger.ts';
import { listSegments } from '../../src/replica/segment-rows.ts';
import { MemoryFile, MemoryFloor } from '../support/memory-file.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { openOn } from '../support/open-replica.ts';
import { sampleRecord } from '../support/samples.ts';

const PLACES = Array.from({ length: 150 }, (_, i) => placeKey({ bucket: 'b', key: `k${i}` }));
const CALL = { deadline: Number.POSITIVE_INFINITY, cancelled: false };

/** Keeps what a process that died after each batch would leave behind. */
class CrashingStore extends MemoryStore {
  readonly left: MemoryStore[] = [];

  override async write(operations: readonly Operation[]): Promise<void> {
    await super.write(operations).finally(() => this.left.push(this.reopened()));
  }
}

function rowOf(place: KeyPlace): Uint8Array {
  return encodeRow({ sealed: sampleRecord(place), birth: undefined, recovering: false }, place);
}

/** As an older version left it, stopped cleanly, with what lies beside it. */
async function older() {
  const beside = { identity: new MemoryFile(), floor: new MemoryFloor() };
  const store = new CrashingStore();
  const { replica, close } = await openOn(store, beside);
  await replica.applyAll(PLACES.map(place => ({ place, record: sampleRecord(place) })));
  await close();
  const found = new CrashingStore();
  const all = { from: Buffer.of(0), to: Buffer.of(255), limit: 10_000 };
  await found.write(await store.reopened().scan(all));
  await found.write(PLACES.flatMap(place => formerly(place)));
  found.left.length = 0;
  return { store: found, ...beside };
}

function formerly(place: KeyPlace): readonly Operation[] {
  const gone = [dataKey(place), indexKey(place)].map(key => ({ key, value: undefined }));
  return [...gone, { key: formerKey(place), value: rowOf(place) }];
}

async function expectAllThere(store: MemoryStore): Promise<void> {
  expect(await store.scan({ ...formerRange(), limit: 1 })).toEqual([]);
  const segments = await SegmentLedger.load(store, PARTITIONS);
  expect(segments.doubtful()).toEqual([]);
  expect(segments.records).toBe(PLACES.length);
  for (const place of PLACES) {
    expect(store.get(dataKey(place))).toEqual(Buffer.from(rowOf(place)));
    const [listed] = await listSegments([place], { store, onDamage: () => {} });
    expect(listed?.map(found => found.place.key)).toContain(place.key);
  }
}

test('the rows of an older store are moved before anything is asked of them', async () => {
  const { store, ...beside } = await older();
  const { verdict, log, recovering, replica } = await openOn(store, beside);
  await expectAllThere(store);
  expect(verdict).toBe('keep');
  expect(recovering.count).toBe(0);
  expect(log.lines).toContainEqual(expect.objectContaining({ facts: { moved: PLACES.length } }));
  const { digest } = await replica.read({ place: PLACES[0]!, digestOnly: true }, CALL);
  expect(digest).toEqual(sampleRecord(PLACES[0]!).digest);
});

test('wherever that is cut short, the next start goes on with it, and nothing counts as lost', async () => {
  const { store, identity, floor } = await older();
  await openOn(store, { identity, floor });
  expect(store.left.length).toBeGreaterThan(2);
  for (const left of store.left) {
    const again = await openOn(left, { identity, floor: new MemoryFloor() });
    await expectAllThere(left);
    expect(again.recovering.count).toBe(0);
    expect(again.trail.broken).toBe(false);
  }
});

test('a disk that fails meanwhile fails the start, and the next one goes on', async () => {
  const { store, ...beside } = await older();
  store.failNextWrite({ applied: true });
  await expect(openOn(store, beside)).rejects.toThrow('failed');
  const found = store.reopened();
  await openOn(found, beside);
  await expectAllThere(found);
});

test('a row that was written since it was moved is not replaced by what it was before', async () => {
  const { store, identity, floor } = await older();
  const [place] = PLACES as [KeyPlace];
  const newer = encodeRow(
    { sealed: sampleRecord(place, Buffer.from('\0newer')), birth: undefined, recovering: false },
    place,
  );
  await store.write([{ key: dataKey(place), value: newer }]);
  await openOn(store, { identity, floor });
  expect(store.get(dataKey(place))).toEqual(Buffer.from(newer));
  expect(await store.scan({ ...formerRange(), limit: 1 })).toEqual([]);
});

test('a row whose key cannot be read is nobody’s, and stays', async () => {
  const { store, ...beside } = await older();
  const stray = formerKey(PLACES[0]!);
  stray[stray.length - 1]! ^= 1;
  await store.write([{ key: stray, value: rowOf(PLACES[0]!) }]);
  const { log } = await openOn(store, beside);
  expect(store.get(stray)).toBeDefined();
  expect(log.lines).toContainEqual(expect.objectContaining({ facts: { moved: PLACES.length } }));
});
