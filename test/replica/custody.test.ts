/**
 * What is kept for others goes only while it is still what was confirmed (I8); and wherever a process dies,
 * or the disk fails, row, sum and notes are there together or gone together (I7).
 */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeName } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { SealedRecord } from '../../src/core/record/codec.ts';
import { PARTITIONS, placeKey } from '../../src/core/ring/placement.ts';
import { decodeRow } from '../../src/core/rows/row.ts';
import { addRow, emptySum } from '../../src/core/rows/segment-sums.ts';
import type { Operation } from '../../src/ports/store.ts';
import { HintIndex } from '../../src/replica/hint-index.ts';
import { dataKey, hintKey, hintRange, readHintKey } from '../../src/replica/layout.ts';
import { openReplica } from '../../src/replica/opening.ts';
import { SegmentLedger } from '../../src/replica/segment-ledger.ts';
import { Counters } from '../../src/system/counters.ts';
import { MemoryFile, MemoryFloor } from '../support/memory-file.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { KeptLog } from '../support/quiet.ts';
import { sampleRecord } from '../support/samples.ts';
import { settled } from '../support/settled.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const PLACES = Array.from({ length: 3 }, (_, i) => placeKey({ bucket: 'b', key: `k${i}` }));
const TARGETS = ['n2', 'n3'].map(nodeName);
const CALL = { deadline: Number.POSITIVE_INFINITY, cancelled: false };

/** Keeps what a process that died after each batch would leave behind. */
class CrashingStore extends MemoryStore {
  readonly left: MemoryStore[] = [];

  override async write(operations: readonly Operation[]): Promise<void> {
    await super.write(operations).finally(() => this.left.push(this.reopened()));
  }
}

async function open(store = new CrashingStore()) {
  const ports = {
    name: nodeName('n1'),
    durability: 'fsync' as const,
    store,
    identity: new MemoryFile(),
    floor: new MemoryFloor(),
    clock: new VirtualClock(),
    random: new SeededRandom(1),
    log: new KeptLog(),
    metrics: new Counters(),
    onDamage: () => {},
    isUnvouched: () => false,
    owns: () => false,
    onRolledBack: () => {},
  };
  return { ...(await openReplica(ports)), store };
}

type Opened = Awaited<ReturnType<typeof open>>;

interface Step {
  readonly does: 'apply' | 'served' | 'drop';
  readonly key: number;
  readonly target: number;
  /** What is confirmed is not what lies there. */
  readonly stale: boolean;
  readonly next: 'flush' | 'end tick' | 'go on';
}

const steps = fc.array(
  fc.record<Step>({
    does: fc.constantFrom('apply', 'apply', 'served', 'drop'),
    key: fc.nat(PLACES.length - 1),
    target: fc.nat(TARGETS.length - 1),
    stale: fc.boolean(),
    next: fc.constantFrom('flush', 'end tick', 'go on'),
  }),
  { maxLength: 25 },
);

/** What must be there: the record of each key, and `key target` of each note. */
interface Expected {
  readonly rows: Map<number, SealedRecord>;
  readonly notes: Set<string>;
}

const STALE = sampleRecord(PLACES[0]!, Buffer.from('\0stale')).digest;

/** Not awaited: what is decided is decided in the tick of the call. */
function take(step: Step, { replica, custody, expected }: Opened & { expected: Expected }): Promise<unknown> {
  const { key, stale } = step;
  const [place, target] = [PLACES[key]!, TARGETS[step.target]!];
  const row = expected.rows.get(key);
  if (step.does === 'apply') {
    const record = sampleRecord(place);
    expected.rows.set(key, record);
    expected.notes.add(`${key} ${target}`);
    return replica.apply({ place, record, standsInFor: target }, CALL);
  }
  const confirmed = { place, digest: stale || row === undefined ? STALE : row.digest };
  const isStill = row !== undefined && !stale;
  if (step.does === 'served') {
    if (isStill) expected.notes.delete(`${key} ${target}`);
    return custody.served(target, confirmed);
  }
  if (isStill) {
    expected.rows.delete(key);
    for (const each of TARGETS) expected.notes.delete(`${key} ${each}`);
  }
  return custody.drop(confirmed);
}

/** Sums and index are those of what lies there, and no note is without its row. */
async function expectSound(store: MemoryStore): Promise<void> {
  const segments = await SegmentLedger.load(store, PARTITIONS);
  for (const place of PLACES) {
    const bytes = store.get(dataKey(place));
    const row = bytes && decodeRow(bytes, place);
    const sum = emptySum();
    if (row !== undefined && row !== 'damaged') addRow(sum, row.sealed.digest);
    expect(segments.sum(place)).toEqual(sum);
    for (const target of TARGETS)
      if (row === undefined) expect(store.get(hintKey(target, place))).toBeUndefined();
  }
}

test('whatever comes and goes, and wherever the process dies or the disk fails', async () => {
  const histories = fc.record({ steps, failAt: fc.option(fc.nat(8), { nil: undefined }) });
  await fc.assert(
    fc.asyncProperty(histories, async ({ steps: given, failAt }) => {
      const opened = await open();
      const { store, hints, committer } = opened;
      const node = { ...opened, expected: { rows: new Map(), notes: new Set<string>() } };
      const answers: Promise<unknown>[] = [];
      for (const [i, step] of given.entries()) {
        if (i === failAt) store.failNextWrite();
        if (committer.faulted === undefined) answers.push(take(step, node).catch(() => undefined));
        if (step.next === 'flush') await committer.flush().catch(() => undefined);
        if (step.next === 'end tick') await Promise.resolve();
      }
      await Promise.all(answers);
      await settled();
      for (const left of [...store.left, store]) await expectSound(left);
      const index = await HintIndex.load(store, () => {});
      expect(hints.owed(0)).toEqual(index.owed(0));
      if (committer.faulted !== undefined) return;
      const notes = await store.scan({ ...hintRange(), limit: 100 });
      const found = notes.map(({ key }) => readHintKey(key)!);
      const told = found.map(({ target, place }) => `${place.key.slice(1)} ${target}`);
      expect(new Set(told)).toEqual(node.expected.notes);
      for (const [i, place] of PLACES.entries())
        expect(store.get(dataKey(place)) !== undefined).toBe(node.expected.rows.has(i));
    }),
    { numRuns: 150 },
  );
});

test('a row that cannot be read is not the one that was confirmed: neither it nor its notes go', async () => {
  const { replica, custody, hints, store } = await open();
  const [place] = PLACES as [(typeof PLACES)[number]];
  const record = sampleRecord(place);
  await replica.apply({ place, record, standsInFor: TARGETS[0] }, CALL);
  store.flipBit(dataKey(place), 8 * 40);
  const confirmed = { place, digest: record.digest };
  expect([await custody.served(TARGETS[0]!, confirmed), await custody.drop(confirmed)]).toEqual([
    false,
    false,
  ]);
  expect(hints.count).toBe(1);
});

test('a note stays when the disk has failed before it was to go, and is counted as it lies there', async () => {
  const { replica, custody, hints, store } = await open();
  const [place, target] = [PLACES[0]!, TARGETS[0]!];
  await replica.apply({ place, record: sampleRecord(place), standsInFor: target }, CALL);
  store.failNextWrite();
  await expect(replica.hint({ target: TARGETS[1]!, place })).rejects.toThrow();
  await expect(custody.forget({ target, place })).rejects.toThrow();
  expect(hints.owed(0)).toEqual((await HintIndex.load(store, () => {})).owed(0));
  expect(hints.count).toBe(1);
});

test('a note without a row goes, unless a row came meanwhile', async () => {
  const { replica, custody, hints } = await open();
  const [place, target] = [PLACES[0]!, TARGETS[0]!];
  await replica.hint({ target, place });
  expect(await custody.records([place], 1)).toEqual([undefined]);
  await replica.apply({ place, record: sampleRecord(place), standsInFor: target }, CALL);
  expect(await custody.forgetBare({ target, place })).toBe(false);
  expect(hints.count).toBe(1);
});

test('of what lies here no more is read at once than so many bytes, and one record in any case', async () => {
  const { replica, custody } = await open();
  for (const place of PLACES)
    await replica.apply({ place, record: sampleRecord(place), standsInFor: undefined }, CALL);
  const size = sampleRecord(PLACES[0]).bytes.byteLength;
  expect(await custody.records(PLACES, 10 * size)).toHaveLength(3);
  expect(await custody.records(PLACES, 2 * size)).toHaveLength(2);
  expect(await custody.records(PLACES, 1)).toHaveLength(1);
});
