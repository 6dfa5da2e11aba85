import { expect, test } from 'vitest';
import { EMPTY } from '../../src/base/bytes.ts';
import type { KeyPlace } from '../../src/core/ring/placement.ts';
import { dataKey, indexKey, sumKey } from '../../src/replica/layout.ts';
import { SegmentLedger } from '../../src/replica/segment-ledger.ts';
import { readIndex } from '../../src/replica/segment-rows.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { neighbours, openOn } from '../support/open-replica.ts';
import { sampleRecord } from '../support/samples.ts';
import { settled } from '../support/settled.ts';
import { unsound } from '../support/sound-store.ts';

const CALL = { deadline: Number.POSITIVE_INFINITY, cancelled: false };
const [ONE, TWO] = neighbours(2) as [KeyPlace, KeyPlace];

/** Counts how often a partition was read through. */
class CountingStore extends MemoryStore {
  scans = 0;

  override scan(range: Parameters<MemoryStore['scan']>[0]) {
    if (range.from[0] === dataKey(ONE)[0]) this.scans += 1;
    return super.scan(range);
  }
}

/** Two rows of one segment, of which the store then loses what `harm` takes out. */
async function harmed(harm: (store: CountingStore) => void) {
  const store = new CountingStore();
  const node = await openOn(store);
  await node.replica.applyAll([ONE, TWO].map(place => ({ place, record: sampleRecord(place) })));
  const sum = node.segments.sum(ONE);
  harm(store);
  node.segments.doubt(ONE);
  await touched(node);
  return { ...node, sum };
}

/** Some batch, with which the ledgers write what they have. */
async function touched({ recovering }: Awaited<ReturnType<typeof openOn>>): Promise<void> {
  await recovering.write();
}

async function indexed(store: MemoryStore): Promise<readonly string[]> {
  return (await readIndex(ONE, store)).places.map(({ key }) => key);
}

test('a row that the index lost is counted, and named again', async () => {
  const node = await harmed(store => store.lose(indexKey(ONE)));
  expect(await indexed(node.store)).toEqual([TWO.key]);
  expect(await node.replica.recount(ONE)).toBe(true);
  await node.committer.flush();
  expect(node.segments.sum(ONE)).toEqual(node.sum);
  expect(await indexed(node.store)).toEqual([ONE, TWO].map(({ key }) => key).sort());
});

test('a row that the store lost is counted out, and the index does not name it any more', async () => {
  const node = await harmed(store => store.lose(dataKey(ONE)));
  expect(await node.replica.recount(ONE)).toBe(true);
  await node.committer.flush();
  expect(node.segments.records).toBe(1);
  expect(await indexed(node.store)).toEqual([TWO.key]);
  const found = await SegmentLedger.load(node.store.reopened(), 256);
  expect(found.sum(ONE)).toEqual(node.segments.sum(ONE));
});

test('a key in the index that is nobody’s goes', async () => {
  const node = await harmed(() => {});
  const stray = indexKey(ONE);
  stray[stray.length - 1]! ^= 1;
  await node.committer.queue([{ key: stray, value: EMPTY }]);
  expect(await node.replica.recount(ONE)).toBe(true);
  await node.committer.flush();
  expect(node.store.get(stray)).toBeUndefined();
  expect(await indexed(node.store)).toHaveLength(2);
});

test('a row that cannot be read leaves the doubt, and nothing is read again for it', async () => {
  const node = await harmed(store => store.flipBit(dataKey(ONE), 8 * 60));
  expect(await node.replica.recount(ONE)).toBe(false);
  expect(node.segments.isDoubtful(ONE)).toBe(true);
  expect(node.store.scans).toBe(1);
});

test('a row that goes or comes each time the rows are read is neither named when it is gone nor left out', async () => {
  const node = await harmed(store => store.lose(indexKey(ONE)));
  const scan = node.store.scan.bind(node.store);
  let changes = 0;
  node.store.scan = async range => {
    const found = await scan(range);
    if (range.from[0] !== dataKey(ONE)[0]) return found;
    changes += 1;
    if (changes % 2 === 1) await node.custody.drop({ place: TWO, digest: sampleRecord(TWO).digest });
    else await node.replica.apply({ place: TWO, record: sampleRecord(TWO), standsInFor: undefined }, CALL);
    return found;
  };
  expect(await node.replica.recount(ONE)).toBe(false);
  expect(changes).toBe(3);
  await node.committer.flush();
  expect(await indexed(node.store)).toEqual([]);
  node.store.scan = scan;
  expect(await node.replica.recount(ONE)).toBe(true);
  await node.committer.flush();
  expect(await unsound(node.store)).toEqual([]);
});

test('segments of one partition that are asked for together are read together', async () => {
  const node = await harmed(() => {});
  const beside = { ...ONE, segment: TWO.segment === 0 ? 1 : ONE.segment - 1 } as typeof ONE;
  node.segments.doubt(beside);
  await touched(node);
  expect(await Promise.all([ONE, beside, TWO].map(place => node.replica.recount(place)))).toEqual([
    true,
    true,
    true,
  ]);
  expect(node.store.scans).toBe(1);
});

test('a reading that fails is that of those who asked, and not of those who ask next', async () => {
  const node = await harmed(() => {});
  node.store.failReads({ corrupt: false });
  await expect(node.replica.recount(ONE)).rejects.toThrow('cannot be read');
  node.store.healReads();
  expect(await node.replica.recount(ONE)).toBe(true);
});

test('what a recount found is durable with the next batch, and the doubt until then', async () => {
  const node = await harmed(store => store.lose(dataKey(ONE)));
  await node.replica.recount(ONE);
  node.store.holdWrites();
  const next = node.replica.apply({ place: ONE, record: sampleRecord(ONE), standsInFor: undefined }, CALL);
  await settled();
  node.store.releaseWrites();
  await next;
  expect((await SegmentLedger.load(node.store.reopened(), 256)).sum(ONE)).toEqual(node.sum);
  expect(node.store.get(sumKey(ONE))?.byteLength).toBeGreaterThan(0);
});
