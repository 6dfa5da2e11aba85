/** A cluster of its own for each case, a client of it, and what a case does with both. Goes whole. */
import { type Bucket, connect } from '../../src/client/index.ts';
import { atTheEnd, withFolder } from '../left-over.ts';
import { BenchCluster } from '../shoal/bench-cluster.ts';
import { holdingOf, until } from './watch.ts';

export interface Stage {
  readonly cluster: BenchCluster;
  readonly bucket: Bucket;
}

const VALUE_BYTES = 100;
const PART = 2_000;
const PART_MS_MAX = 120_000;
const TRIES_MAX = 20;
const DONE_MS_MAX = 900_000;

export async function onStage<T>(nodes: number, play: (stage: Stage) => Promise<T>): Promise<T> {
  return await withFolder(async folder => {
    const cluster = await BenchCluster.start({ nodes, durability: 'fsync' }, folder);
    const client = connect(cluster.addresses);
    atTheEnd(() => cluster.signal('SIGKILL'));
    try {
      return await play({ cluster, bucket: client.bucket('handoff') });
    } finally {
      await client.close();
      await cluster.stop();
    }
  });
}

/** Distinct keys of 100 bytes, every one acknowledged. */
export async function writeKeys({ bucket }: Stage, keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += PART) await writePart(bucket, keys.slice(at, at + PART));
}

async function writePart(bucket: Bucket, keys: readonly string[]): Promise<void> {
  let left = keys;
  for (let tries = 0; left.length > 0; tries += 1) {
    const entries = left.map(key => ({ key, value: valueFor(key) }));
    const done = await bucket.putMany(entries, { deadlineMs: PART_MS_MAX });
    const failed = done.filter(({ ok }) => !ok);
    if (tries === TRIES_MAX) throw new Error(`${failed.length} keys could not be written`);
    left = failed.map(({ key }) => key);
  }
}

/** Nothing is owed to anybody any more, and nothing is where it does not belong. */
export async function untilNothingIsOwed({ cluster }: Stage, look: (hints: number) => void): Promise<void> {
  await until('nothing is owed to anybody', {
    msMax: DONE_MS_MAX,
    isSo: async () => {
      const { hints, foreignRecords } = await holdingOf(cluster.addresses);
      look(hints);
      return hints === 0 && foreignRecords === 0;
    },
  });
}

export function keysNamed(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

export function valueFor(key: string): string {
  return key.padEnd(VALUE_BYTES, '.');
}
