/**
 * I7 at every batch boundary: whatever is queued, replaced and removed, and wherever the process dies or the
 * disk fails, the sums in the store are those of the rows in the store, no dot is ahead of its counter, and
 * the trail has no gap.
 */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digest } from '../../src/base/hash.ts';
import { incarnation, type Partition, partition } from '../../src/base/ids.ts';
import { type KeyPlace, placeKey } from '../../src/core/ring/placement.ts';
import { addRow, addSum, emptySum, rowsOf, type SegmentSum } from '../../src/core/rows/segment-sums.ts';
import type { Entry, Operation } from '../../src/ports/store.ts';
import { Committer } from '../../src/replica/committer.ts';
import { CounterLedger } from '../../src/replica/counter-ledger.ts';
import { dataKey, factKey, partitionRange, readDataKey } from '../../src/replica/layout.ts';
import { SegmentLedger } from '../../src/replica/segment-ledger.ts';
import { BatchTrail } from '../../src/replica/trail.ts';
import { Counters } from '../../src/system/counters.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { settled } from '../support/settled.ts';

const PARTITIONS = 2;
const PLACES = Array.from({ length: 6 }, (_, i) => placeKey({ bucket: 'b', key: `k${i}` }, PARTITIONS));
const OURS = incarnation(Buffer.alloc(8, 0xa1));
const NO_FLOOR = { read: async () => undefined, note: () => undefined };

/** One row change, with so many other operations in its queue call that batches close early. */
interface Step {
  readonly key: number;
  readonly removes: boolean;
  readonly filler: number;
  /** Then the disk catches up, or only this tick ends, or the next step is of the same tick. */
  readonly next: 'flush' | 'end tick' | 'go on';
}

interface History {
  readonly steps: readonly Step[];
  /** The batch the disk fails at, if there are so many; whether its rows are there all the same. */
  readonly failure: { readonly batch: number; readonly applied: boolean } | undefined;
}

const histories: fc.Arbitrary<History> = fc.record({
  steps: fc.array(
    fc.record({
      key: fc.nat(PLACES.length - 1),
      removes: fc.boolean(),
      filler: fc.oneof(fc.nat(3), fc.integer({ min: 60, max: 256 })),
      next: fc.constantFrom('flush', 'end tick', 'go on'),
    }),
    { maxLength: 30 },
  ),
  failure: fc.option(fc.record({ batch: fc.integer({ min: 1, max: 12 }), applied: fc.boolean() }), {
    nil: undefined,
  }),
});

/** Keeps what a process that died after each batch would leave behind. */
class CrashingStore extends MemoryStore {
  readonly left: MemoryStore[] = [];

  override async write(operations: readonly Operation[]): Promise<void> {
    await super.write(operations).finally(() => this.left.push(this.reopened()));
  }
}

async function open(store: MemoryStore) {
  const segments = await SegmentLedger.load(store, PARTITIONS);
  const counters = await CounterLedger.load(store, OURS);
  const trail = await BatchTrail.load(store, NO_FLOOR);
  const committer = new Committer({ store, metrics: new Counters(), ledgers: [segments, counters, trail] });
  return { store, segments, counters, trail, committer };
}

type Node = Awaited<ReturnType<typeof open>>;

/**
 * As a replica does it: read, mint, queue, count, all in one tick. A row is its digest and the counter of its
 * dot.
 */
function take({ key, removes, filler }: Step, { committer, counters, segments }: Node): void {
  const place = PLACES[key]!;
  const before = committer.get(dataKey(place))?.subarray(0, 16);
  const counter = counters.next();
  const after = removes ? undefined : digest(Buffer.from(`${key} ${counter}`));
  const value = after && Buffer.concat([after, Buffer.from(String(counter))]);
  const rest = Array.from({ length: filler }, (_, i) => ({ key: factKey(`f${i}`), value: after }));
  void committer.queue([...rest, { key: dataKey(place), value }]);
  if (!committer.faulted) segments.change({ ...whereOf(place), before, after });
}

function whereOf({ partition, segment }: KeyPlace): Pick<KeyPlace, 'partition' | 'segment'> {
  return { partition, segment };
}

async function live({ steps, failure }: History): Promise<Node & { store: CrashingStore }> {
  const store = new CrashingStore();
  const node = await open(store);
  for (const step of steps) {
    if (failure && store.batchesWritten === failure.batch - 1) store.failNextWrite(failure);
    take(step, node);
    if (step.next === 'flush') await node.committer.flush().catch(() => undefined);
    if (step.next === 'end tick') await Promise.resolve();
  }
  await node.committer.flush().catch(() => undefined);
  await settled();
  return { ...node, store };
}

async function rowsIn(store: MemoryStore, of: Partition): Promise<readonly Entry[]> {
  return store.scan({ ...partitionRange(of), limit: 1000 });
}

/** What the sums must be, from the rows alone. */
async function expectSumsOfRows(segments: SegmentLedger, store: MemoryStore): Promise<void> {
  let records = 0;
  for (let index = 0; index < PARTITIONS; index++) {
    const total = emptySum();
    const bySegment = new Map<number, SegmentSum>(
      PLACES.filter(place => place.partition === index).map(place => [place.segment, emptySum()]),
    );
    for (const { key, value } of await rowsIn(store, partition(index))) {
      const place = readDataKey(key, PARTITIONS)!;
      addRow(bySegment.get(place.segment)!, value.subarray(0, 16));
    }
    for (const place of PLACES.filter(place => place.partition === index)) {
      expect(segments.sum(place)).toEqual(bySegment.get(place.segment));
    }
    for (const sum of bySegment.values()) addSum(total, sum);
    expect(segments.partitionSum(partition(index))).toEqual(total);
    records += rowsOf(total);
  }
  expect(segments.records).toBe(records);
}

async function highestDotIn(store: MemoryStore): Promise<number> {
  const rows = [...(await rowsIn(store, partition(0))), ...(await rowsIn(store, partition(1)))];
  return Math.max(0, ...rows.map(({ value }) => Number(Buffer.from(value.subarray(16)).toString())));
}

test('after a crash at any batch boundary, sums are those of the rows, counters cover the dots, the trail is whole', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async history => {
      const { store } = await live(history);
      for (const [i, left] of store.left.entries()) {
        const again = await open(left);
        await expectSumsOfRows(again.segments, left);
        expect(again.counters.last).toBeGreaterThanOrEqual(await highestDotIn(left));
        const isThere = i < store.batchesWritten || history.failure?.applied === true;
        expect(again.trail).toMatchObject({ broken: false, last: isThere ? i + 1 : i });
      }
    }),
    { numRuns: 100 },
  );
});

test('in memory, too, the committed sums are those of what the store acknowledged', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async history => {
      const { store, segments, trail } = await live(history);
      const acknowledged = store.left[store.batchesWritten - 1] ?? new MemoryStore();
      await expectSumsOfRows(segments, acknowledged);
      expect(trail.last).toBe(store.batchesWritten);
    }),
    { numRuns: 100 },
  );
});

test('a node that crashed at any boundary and went on has the sums of its rows', async () => {
  await fc.assert(
    fc.asyncProperty(histories, histories, async (before, after) => {
      const { store } = await live(before);
      const left = store.left.at(Math.floor(store.left.length / 2)) ?? new MemoryStore();
      const again = await open(left);
      for (const step of after.steps) take(step, again);
      await again.committer.flush();
      await expectSumsOfRows(again.segments, left);
      expect(again.trail.broken).toBe(false);
    }),
    { numRuns: 50 },
  );
});
