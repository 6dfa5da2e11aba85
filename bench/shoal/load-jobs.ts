/** From a row of the table to what a worker is to put on a cluster. Pure. */

import type { Mix } from '../../src/cli/load/mix.ts';
import type { LoadOptions } from '../../src/cli/load/options.ts';
import type { ClusterRow, Op } from '../rows.ts';
import type { LoadJob } from '../run/jobs.ts';
import type { BenchCluster } from './bench-cluster.ts';

export interface Times {
  readonly warmUpMs: number;
  readonly measuredMs: number;
  /** Operations per second of an open loop. */
  readonly rate?: number | undefined;
}

type Where = Pick<BenchCluster, 'addresses' | 'servers'>;

const NONE: Mix = { read: 0, update: 0, insert: 0, rmw: 0, delete: 0 };
const MIXES: Readonly<Record<Op, Mix>> = {
  put: { ...NONE, update: 100 },
  get: { ...NONE, read: 100 },
  '50/50': { ...NONE, read: 50, update: 50 },
  '95/5': { ...NONE, read: 95, update: 5 },
};
/** Of an open loop: so many that only what is stuck reaches it. */
const OPEN_IN_FLIGHT = 4_096;
const SEED = 7;

export function loadJob(row: ClusterRow, where: Where, { warmUpMs, measuredMs, rate }: Times): LoadJob {
  const { door, inFlight } = row;
  return {
    ...jobOf(row, where),
    door,
    options: {
      ...optionsOf(row),
      inFlight: rate === undefined ? inFlight : OPEN_IN_FLIGHT,
      rate,
      warmUpMs,
      measuredMs,
      preload: false,
    },
  };
}

/** Writes all keys that the row is about, and measures nothing. */
export function preloadJob(row: ClusterRow, where: Where, inFlight: number): LoadJob {
  return {
    ...jobOf(row, where),
    door: 'sdk',
    options: { ...optionsOf(row), inFlight, warmUpMs: 0, measuredMs: 0, preload: true },
  };
}

/** Rows with keys and values alike share them. */
export function bucketOf({ keys, valueBytes }: ClusterRow): string {
  return `${keys} keys of ${valueBytes} B`;
}

function jobOf(row: ClusterRow, { addresses, servers }: Where) {
  return { kind: 'load', addresses, servers, bucket: bucketOf(row) } as const;
}

/** Puts write over whatever is there, which is what the SDK's put does by itself. */
function optionsOf({ op, keys, valueBytes }: ClusterRow): Omit<
  LoadOptions,
  'inFlight' | keyof Times | 'preload'
> & {
  readonly rate: undefined;
} {
  return {
    mix: MIXES[op],
    choice: 'uniform',
    keys,
    valueBytes,
    rate: undefined,
    operations: Number.POSITIVE_INFINITY,
    blind: false,
    contextsMax: 0,
    check: false,
    distributions: false,
    seed: SEED,
  };
}
