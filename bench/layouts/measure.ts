/**
 * One layout on a LevelDB of its own, in a process of its own, since what is measured is all CPU of it: also
 * that of the threads that compact. What it takes to make up the rows is measured first, and taken off.
 *
 *   node measure.js LAYOUT ROWS FOLDER → its costs as JSON
 */
import { Buffer } from 'node:buffer';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Level } from 'level';
import { partition, segment } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { PARTITIONS, placeKey, SEGMENTS } from '../../src/core/ring/placement.ts';
import { dataKey, readIndexKey } from '../../src/replica/layout.ts';
import type { Costs } from './figures.ts';
import { type Layout, listed, type NewRow, nameAt, searched, writes } from './layouts.ts';

type Bytewise = Level<Uint8Array, Uint8Array>;

/** As src/storage/level-store has it. */
const OPTIONS = { cacheSize: 32 << 20, writeBufferSize: 16 << 20 };
const BATCH = 64;
/** Keys of one bucket, which a client would list. */
const BUCKET_KEYS = 500;
const SEGMENTS_LISTED = 5_000;
const BUCKETS_LISTED = 3;
/** What a record of a value of 100 bytes takes. */
const ROW_BYTES = 240;
const PAGE = 4096;

const [layout, rows, folder] = [process.argv[2] as Layout, Number(process.argv[3]), process.argv[4]!];
const random = new SeededRandom(1);
const filler = random.bytes(1 << 16);

process.stdout.write(JSON.stringify(await measure()));

async function measure(): Promise<Costs> {
  const db: Bytewise = new Level(folder, { keyEncoding: 'buffer', valueEncoding: 'buffer' });
  await db.open(OPTIONS);
  const updates = Math.floor(rows / 5);
  const makeUp = async () => each(updates, () => rowOf(random.below(rows), false));
  await makeUp(); // compiled by then
  const making = await cpuOf(makeUp);
  // Compacted each time: what LevelDB puts off would fall on whatever is measured next.
  const load = await cpuOf(async () => {
    await write(db, { count: rows, row: i => rowOf(i, true) });
    await compact(db);
  });
  const update = await cpuOf(async () => {
    await write(db, { count: updates, row: () => rowOf(random.below(rows), false) });
    await compact(db);
  });
  const size = sizeOf(folder);
  const list = await cpuOf(() => times(SEGMENTS_LISTED, () => listOne(db)));
  const scan = await cpuOf(() => times(BUCKETS_LISTED, i => scanBucket(db, i)));
  await db.close();
  return {
    loadUs: load / rows - making / updates,
    updateUs: (update - making) / updates,
    bytes: size / rows,
    listUs: list / SEGMENTS_LISTED,
    scanMs: scan / BUCKETS_LISTED / 1000,
  };
}

/** A key of a bucket of {@link BUCKET_KEYS}; a value that does not compress. */
function rowOf(index: number, isFirst: boolean): NewRow {
  const bucket = `bucket-${index % Math.ceil(rows / BUCKET_KEYS)}`;
  const place = placeKey({ bucket, key: `user:${index}` });
  const at = random.below(filler.byteLength - ROW_BYTES);
  const value = Buffer.from(filler.subarray(at, at + ROW_BYTES));
  return { place, value, digest: value.subarray(0, 16), isFirst };
}

async function write(db: Bytewise, { count, row }: { count: number; row: (i: number) => NewRow }) {
  for (let from = 0; from < count; from += BATCH) {
    const batch = db.batch();
    each(Math.min(BATCH, count - from), i => {
      for (const { key, value } of writes(layout, row(from + i))) batch.put(key, value!);
    });
    await batch.write({ sync: false });
  }
}

/** LevelDB can, but `level` says nothing of it, since it cannot in browsers. */
function compact(db: Bytewise): Promise<void> {
  const { compactRange } = db as Bytewise & Compactable;
  return compactRange.call(db, Buffer.of(0), Buffer.of(255));
}

interface Compactable {
  compactRange(start: Uint8Array, end: Uint8Array): Promise<void>;
}

/** The keys of a segment with their digests. */
async function listOne(db: Bytewise): Promise<void> {
  const place = { partition: partition(random.below(PARTITIONS)), segment: segment(random.below(SEGMENTS)) };
  const { from: gte, to: lt } = listed(layout, place);
  const found = await db.iterator({ gte, lt }).all();
  if (layout !== 'index row') return;
  const keys = found.map(([key]) => dataKey(readIndexKey(key)!));
  await db.getMany(keys);
  for (const key of keys) db.getSync(key);
}

/** The keys of one bucket, which lie in all partitions. */
async function scanBucket(db: Bytewise, index: number): Promise<void> {
  const name = Buffer.from(`bucket-${index}`);
  const prefix = Buffer.concat([Buffer.of(name.byteLength), name]);
  let found = 0;
  for (let of = 0; of < PARTITIONS; of++) {
    const { from: gte, to: lt } = searched(layout, { of: partition(of), prefix });
    const keys = db.iterator({ gte, lt });
    for (let page = await keys.nextv(PAGE); page.length > 0; page = await keys.nextv(PAGE))
      for (const [key] of page) if (beginsWith(key, prefix)) found += 1;
    await keys.close();
  }
  if (found !== BUCKET_KEYS) throw new Error(`${found} keys of the bucket were found, not ${BUCKET_KEYS}`);
}

function beginsWith(key: Uint8Array, prefix: Buffer): boolean {
  const at = nameAt(layout);
  return prefix.equals(key.subarray(at, at + prefix.byteLength));
}

function each(count: number, action: (i: number) => unknown): void {
  for (let i = 0; i < count; i++) action(i);
}

async function times(count: number, action: (i: number) => Promise<void>): Promise<void> {
  for (let i = 0; i < count; i++) await action(i);
}

/** µs, all threads. */
async function cpuOf(action: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function sizeOf(path: string): number {
  return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}
