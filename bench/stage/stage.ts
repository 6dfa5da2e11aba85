/** A cluster of its own for a case, and a client of it. Goes whole. */
import { type Bucket, connect } from '../../src/client/index.ts';
import { atTheEnd, makeFolder } from '../left-over.ts';
import { BenchCluster, type StartOptions } from '../shoal/bench-cluster.ts';
import { holdingOf, until } from './watch.ts';

export interface Stage {
  readonly cluster: BenchCluster;
  readonly bucket: Bucket;
}

export interface OpenStage extends Stage {
  close(): Promise<void>;
}

export interface StageOptions extends StartOptions {
  readonly nodes: number;
}

const DONE_MS_MAX = 900_000;

export async function openStage({ nodes, ...options }: StageOptions): Promise<OpenStage> {
  const folder = makeFolder();
  const cluster = await BenchCluster.start({ nodes, durability: 'fsync' }, folder.path, options);
  const client = connect(cluster.addresses);
  atTheEnd(() => cluster.signal('SIGKILL'));
  const close = async (): Promise<void> => {
    await client.close();
    await cluster.stop();
    folder.remove();
  };
  return { cluster, bucket: client.bucket('bench'), close };
}

export async function onStage<T>(options: StageOptions, play: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = await openStage(options);
  try {
    return await play(stage);
  } finally {
    await stage.close();
  }
}

/** Nothing is owed to anybody any more, and nothing is where it does not belong. */
export async function untilNothingIsOwed(
  { cluster }: Stage,
  look: (hints: number) => void = () => {},
): Promise<void> {
  await until('nothing is owed to anybody', {
    msMax: DONE_MS_MAX,
    isSo: async () => {
      const { hints, foreignRecords } = await holdingOf(cluster.addresses);
      look(hints);
      return hints === 0 && foreignRecords === 0;
    },
  });
}
