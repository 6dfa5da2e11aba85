/** What one run of a row showed, and what several of them come to. Pure. */
import type { Figures, Latency, ProcessFigures } from '../../src/cli/load/figures.ts';

export interface Measured {
  readonly opsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** CPU of the process that asks, per operation. */
  readonly clientUs: number;
  /** CPU of all processes that answer, per operation; 0 where the system does not tell. */
  readonly serverUs: number;
  /** Memory of the largest process that answers. */
  readonly serverBytesMax: number;
  /** Operations that failed or were given up; they count in no latency. */
  readonly failed: number;
}

export interface Counted {
  readonly opsPerSecond: number;
  readonly latency: Latency;
  /** The process that asks first. */
  readonly processes: readonly ProcessFigures[];
  readonly failed: number;
}

export function measuredOf({ opsPerSecond, latency, processes, failed }: Counted): Measured {
  const [client, ...servers] = processes;
  return {
    opsPerSecond,
    p50Ms: latency.p50,
    p99Ms: latency.p99,
    p999Ms: latency.p999,
    clientUs: client?.cpuMicrosPerOperation ?? 0,
    serverUs: servers.reduce((sum, { cpuMicrosPerOperation }) => sum + cpuMicrosPerOperation, 0),
    serverBytesMax: Math.max(0, ...servers.map(({ residentBytes }) => residentBytes)),
    failed,
  };
}

export function measuredLoad(figures: Figures): Measured {
  const { operationsPerSecond, all, processes, failed, openLoop } = figures;
  return measuredOf({
    opsPerSecond: operationsPerSecond,
    latency: all,
    processes,
    failed: failed.count + (openLoop?.notStarted ?? 0),
  });
}

/** Figure by figure the median of several runs, but failures are added up. @param runs at least one */
export function medianOf(runs: readonly Measured[]): Measured {
  const middle = (figure: (run: Measured) => number): number => median(runs.map(figure));
  return {
    opsPerSecond: middle(run => run.opsPerSecond),
    p50Ms: middle(run => run.p50Ms),
    p99Ms: middle(run => run.p99Ms),
    p999Ms: middle(run => run.p999Ms),
    clientUs: middle(run => run.clientUs),
    serverUs: middle(run => run.serverUs),
    serverBytesMax: middle(run => run.serverBytesMax),
    failed: runs.reduce((sum, { failed }) => sum + failed, 0),
  };
}

/** Of an even number of values the mean of the two in the middle. @param values at least one */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

/** CPU of both ends, per operation. */
export function totalUs({ clientUs, serverUs }: Measured): number {
  return clientUs + serverUs;
}
