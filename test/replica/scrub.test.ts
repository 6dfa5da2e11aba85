import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY } from '../../src/base/bytes.ts';
import { partition, segment } from '../../src/base/ids.ts';
import { type KeyPlace, PARTITIONS, placeKey } from '../../src/core/ring/placement.ts';
import { addRow, encodeSum } from '../../src/core/rows/segment-sums.ts';
import { dataKey, indexKey, sumKey } from '../../src/replica/layout.ts';
import { SegmentLedger } from '../../src/replica/segment-ledger.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { neighbours, openOn } from '../support/open-replica.ts';
import { sampleRecord } from '../support/samples.ts';
import { settled } from '../support/settled.ts';
import { unsound } from '../support/sound-store.ts';

const CALL = { deadline: Number.POSITIVE_INFINITY, cancelled: false };
const BEGINNING = { partition: partition(0), segment: segment(0) };
const PLACES = Array.from({ length: 100 }, (_, i) => placeKey({ bucket: 'b', key: `k${i}` }));
const [ONE, TWO] = neighbours(2) as [KeyPlace, KeyPlace];

type Opened = Awaited<ReturnType<typeof openOn>>;

async function holding(places: readonly KeyPlace[], store = new MemoryStore()): Promise<Opened> {
  const node = await openOn(store);
  await node.replica.applyAll(places.map(place => ({ place, record: sampleRecord(place) })));
  return node;
}

/** What one pass reads. */
async function pass({ scrub }: Opened): Promise<{ rows: number; steps: number }> {
  let [rows, steps] = [0, 0];
  for (let from: typeof BEGINNING | undefined = BEGINNING; from !== undefined; ) {
    const done = await scrub.step(from);
    rows += done.rows;
    steps += 1;
    from = done.next;
  }
  return { rows, steps };
}

function counted({ metrics }: Opened): readonly (number | undefined)[] {
  const all = metrics.snapshot();
  return [all.get('scrub.drift') ?? 0, all.get('scrub.damaged') ?? 0];
}

test('a pass reads every row once, in small steps, and finds nothing wrong where nothing is', async () => {
  const node = await holding(PLACES);
  const { rows, steps } = await pass(node);
  expect(rows).toBe(PLACES.length);
  expect(steps).toBeGreaterThan(2);
  expect(counted(node)).toEqual([0, 0]);
  expect(node.metrics.snapshot().get('scrub.rows')).toBe(PLACES.length);
  expect(node.store.batchesWritten).toBeLessThan(PLACES.length);
});

test('an empty store is gone through in one step', async () => {
  expect(await pass(await holding([]))).toEqual({ rows: 0, steps: 1 });
});

test('a flipped bit in a row nobody reads is found, and the row goes the way of damaged rows (I12)', async () => {
  const node = await holding(PLACES);
  node.store.flipBit(dataKey(PLACES[50]!), 8 * 60);
  await pass(node);
  expect(node.damaged).toEqual([PLACES[50]!.key]);
  expect(counted(node)).toEqual([0, 1]);
  expect(node.segments.doubtful()).toHaveLength(1);
});

test.each<[what: string, harm: (store: MemoryStore) => unknown]>([
  ['a row that the store silently lost', store => store.lose(dataKey(ONE))],
  ['a row that the index lost', store => store.lose(indexKey(ONE))],
  ['a row that the store and the index lost', store => [dataKey, indexKey].map(of => store.lose(of(ONE)))],
  ['a key in the index that is nobody’s', store => store.write([{ key: stray(ONE), value: EMPTY }])],
  ['a key in the index that has no row', store => store.write([{ key: indexKey(absent()), value: EMPTY }])],
])('%s is drift: told of once, and summed up anew from the rows', async (_what, harm) => {
  const node = await holding([...PLACES, ONE, TWO]);
  await harm(node.store);
  await pass(node);
  expect(counted(node)).toEqual([1, 0]);
  expect(node.log.lines.filter(({ event }) => event.includes('not what its digest says'))).toHaveLength(1);
  await pass(node);
  expect(counted(node)).toEqual([1, 0]);
  await expectRight(node);
});

test('a segment whose index has more rows than a step takes is one step', async () => {
  const node = await holding([ONE]);
  const strays = Array.from({ length: 40 }, (_, i) => Buffer.concat([stray(ONE), Buffer.of(i)]));
  await node.store.write(strays.map(key => ({ key, value: EMPTY })));
  expect(await pass(node)).toEqual({ rows: 1, steps: 2 });
  expect(counted(node)).toEqual([1, 0]);
  await expectRight(node);
});

test('a sum that the store changed is drift after the restart that reads it', async () => {
  const { store } = await holding([...PLACES, ONE, TWO]);
  const found = store.reopened();
  const sum = (await SegmentLedger.load(found, PARTITIONS)).sum(ONE);
  addRow(sum, sampleRecord(PLACES[0]!).digest);
  await found.write([{ key: sumKey(ONE), value: encodeSum(sum, sumKey(ONE)) }]);
  const node = await openOn(found);
  await pass(node);
  expect(counted(node)).toEqual([1, 0]);
  await expectRight(node);
});

test('the doubt of a segment that drifted is durable before it is counted', async () => {
  const node = await holding([...PLACES, ONE, TWO]);
  node.store.lose(dataKey(ONE));
  const left: MemoryStore[] = [];
  const write = node.store.write.bind(node.store);
  node.store.write = operations => write(operations).finally(() => left.push(node.store.reopened()));
  await pass(node);
  const [first] = left;
  const { partition: of, segment: part } = ONE;
  expect((await SegmentLedger.load(first!, PARTITIONS)).doubtful()).toEqual([
    { partition: of, segment: part },
  ]);
});

test('a listed segment whose rows do not add up to its sum is looked at out of turn', async () => {
  const node = await holding([...PLACES, ONE, TWO]);
  node.store.lose(dataKey(ONE));
  await node.replica.applyAll([{ place: ONE, record: sampleRecord(ONE) }]);
  await node.digests.list([ONE, TWO]);
  await settled();
  expect(counted(node)).toEqual([1, 0]);
  await expectRight(node);
  await node.digests.list([ONE]);
  await settled();
  expect(counted(node)).toEqual([1, 0]);
});

test('a listed segment that is written to is not called drift', async () => {
  const node = await holding([...PLACES, ONE], new YieldingStore(3));
  const listing = node.digests.list([ONE]);
  await node.replica.applyAll([{ place: TWO, record: sampleRecord(TWO) }]);
  await listing;
  await settled();
  expect(counted(node)).toEqual([0, 0]);
});

test('a segment that stayed in doubt is tried again by each pass, and that is no drift', async () => {
  const node = await holding([...PLACES, ONE, TWO]);
  node.segments.doubt(ONE);
  await node.recovering.write();
  await pass(node);
  expect(node.segments.isDoubtful(ONE)).toBe(false);
  expect(counted(node)).toEqual([0, 0]);
});

test('a store that cannot be read is not taken for one that lost its rows', async () => {
  const node = await holding(PLACES);
  node.store.failReads({ corrupt: false });
  await expect(node.scrub.step(BEGINNING)).rejects.toThrow('cannot be read');
  expect(counted(node)).toEqual([0, 0]);
});

test('segments that change while they are looked at are not called drift', async () => {
  const few = [ONE, TWO, ...PLACES.slice(0, 4)];
  const writes = fc.record({
    place: fc.constantFrom(...few),
    does: fc.constantFrom('apply', 'drop'),
    value: fc.nat(3),
    next: fc.constantFrom('go on', 'end tick', 'flush', 'hold', 'release'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(writes, { minLength: 5, maxLength: 60 }), fc.nat(5), async (steps, yields) => {
      const node = await holding([ONE, PLACES[0]!], new YieldingStore(yields));
      let busy = true;
      const scrubbing = (async () => {
        while (busy) await pass(node);
      })();
      for (const { place, does, value, next } of steps) {
        const record = sampleRecord(place, Buffer.from(`\0${value}`));
        const done =
          does === 'apply'
            ? node.replica.apply({ place, record, standsInFor: undefined }, CALL)
            : node.custody.drop({ place, digest: record.digest });
        if (next === 'flush') node.store.releaseWrites();
        if (next === 'flush') await done;
        if (next === 'end tick') await Promise.resolve();
        if (next === 'hold') node.store.holdWrites();
        if (next === 'release') node.store.releaseWrites();
      }
      node.store.releaseWrites();
      await node.committer.flush();
      busy = false;
      await scrubbing;
      await pass(node);
      expect(counted(node)).toEqual([0, 0]);
      await expectRight(node);
    }),
    { numRuns: 150 },
  );
});

/** Its answers take some turns, as a disk's do. */
class YieldingStore extends MemoryStore {
  readonly #turns: number;

  constructor(turns: number) {
    super();
    this.#turns = turns;
  }

  override async warm(): Promise<void> {
    for (let i = 0; i < this.#turns; i++) await Promise.resolve();
  }

  override async scan(range: Parameters<MemoryStore['scan']>[0]) {
    const found = await super.scan(range);
    await this.warm();
    return found;
  }
}

async function expectRight({ committer, store, segments }: Opened): Promise<void> {
  await committer.flush();
  expect(await unsound(store)).toEqual([]);
  const { records } = await SegmentLedger.load(store, PARTITIONS);
  expect(segments.records).toBe(records);
}

function stray(place: KeyPlace): Buffer {
  const key = indexKey(place);
  key[key.length - 1]! ^= 1;
  return key;
}

/** A key without a row. */
function absent(): KeyPlace {
  return placeKey({ bucket: 'b', key: 'absent' });
}
