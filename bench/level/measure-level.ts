/**
 * LevelDB alone, as `src/storage/level-store.ts` uses it: `getSync` of rows that are cached, and chained
 * batches of 64 rows that are synced. The figures are per row, but the latency of a batch is that of the
 * batch.
 */
import { Level } from 'level';
import { processFigures } from '../../src/cli/load/cpu.ts';
import { readCpu } from '../../src/cli/load/cpu-readings.ts';
import { Latencies } from '../../src/cli/load/latencies.ts';
import type { LevelJob } from '../run/jobs.ts';
import { type Measured, measuredOf } from '../run/measured.ts';

type Bytewise = Level<Uint8Array, Uint8Array>;

const ROWS = 10_000;
/** A value of 100 bytes with what a record has besides. */
const ROW_BYTES = 200;
const BATCH = 64;
const CACHE_BYTES = 32 * 1024 * 1024;
/** So many gets between two looks at the clock, which costs as much as a tenth of one. */
const GETS = 8;

/** One step, and how many rows it was about. */
type Step = () => Promise<number> | number;

export async function measureLevel(job: LevelJob): Promise<Measured> {
  const db: Bytewise = new Level(job.folder, { keyEncoding: 'buffer', valueEncoding: 'buffer' });
  await db.open({ cacheSize: CACHE_BYTES });
  try {
    for (let key = 0; key < ROWS; key += BATCH) await writeBatch(db, { from: key, sync: false });
    return await loop(job.what === 'get' ? gets(db) : batches(db), job);
  } finally {
    await db.close();
  }
}

function gets(db: Bytewise): Step {
  let key = 0;
  return () => {
    for (let i = 0; i < GETS; i += 1) {
      key = (key + 7_919) % ROWS;
      if (db.getSync(keyOf(key)) === undefined) throw new Error('a row that was written is not there');
    }
    return GETS;
  };
}

function batches(db: Bytewise): Step {
  let from = 0;
  return async () => {
    from = (from + BATCH) % ROWS;
    await writeBatch(db, { from, sync: true });
    return BATCH;
  };
}

async function writeBatch(db: Bytewise, { from, sync }: { from: number; sync: boolean }): Promise<void> {
  const batch = db.batch();
  for (let i = 0; i < BATCH; i += 1) batch.put(keyOf(from + i), Buffer.alloc(ROW_BYTES, from + i));
  await batch.write({ sync });
}

function keyOf(number: number): Buffer {
  return Buffer.from(`row${String(number).padStart(20, '0')}`);
}

async function loop(step: Step, { warmUpMs, measuredMs }: LevelJob): Promise<Measured> {
  await stepsFor(warmUpMs, step);
  const before = readCpu([]);
  const { rows, seconds, latencies } = await stepsFor(measuredMs, step);
  return measuredOf({
    opsPerSecond: rows / seconds,
    latency: latencies.figures({ distribution: false }),
    processes: processFigures({ before, after: readCpu([]) }, rows),
    failed: 0,
  });
}

async function stepsFor(ms: number, step: Step) {
  const latencies = new Latencies();
  const began = performance.now();
  let rows = 0;
  let now = began;
  while (now - began < ms) {
    const stepRows = await step();
    const ended = performance.now();
    latencies.record(ended - now);
    now = ended;
    rows += stepRows;
  }
  return { rows, seconds: (now - began) / 1000, latencies };
}
