/**
 * What the nodes of a cluster say of themselves, each asked at its own address on a connection of its own, so
 * that one that was away is heard as soon as it is back; and the CPU that each has used.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readCpu, type Watched } from '../../src/cli/load/cpu-readings.ts';
import { openChannel } from '../../src/client/channel.ts';
import { type ClusterStatus, readStatus } from '../../src/client/cluster-status.ts';
import { SYSTEM } from '../../src/client/surroundings.ts';
import { loadProtos } from '../../src/wire/protos.ts';

/** Often enough for seconds, seldom enough to cost a node less than a hundredth of a core. */
const LOOK_MS = 200;
const ANSWER_MS_MAX = 10_000;
const MICROS_PER_SECOND = 1e6;
const protos = loadProtos();

/** Of all nodes together. */
export interface Holding {
  readonly hints: number;
  readonly foreignRecords: number;
  readonly records: number;
}

export async function statuses(addresses: readonly string[]): Promise<readonly ClusterStatus[]> {
  return await Promise.all(addresses.map(statusOf));
}

export async function holdingOf(addresses: readonly string[]): Promise<Holding> {
  const all = await statuses(addresses);
  const sum = (of: (status: ClusterStatus) => number) => all.reduce((total, one) => total + of(one), 0);
  return {
    hints: sum(({ hints }) => hints),
    foreignRecords: sum(({ foreignRecords }) => foreignRecords),
    records: sum(({ records }) => records),
  };
}

/** Of all nodes together, since each started. */
export async function countOf(name: string, addresses: readonly string[]): Promise<number> {
  const all = await statuses(addresses);
  return all.reduce((total, { counters }) => total + (counters[name] ?? 0), 0);
}

/** Looks until it is so. Rejects when that takes longer than `msMax`. */
export async function until(
  what: string,
  { msMax, isSo }: { readonly msMax: number; readonly isSo: () => Promise<boolean> },
): Promise<void> {
  const late = performance.now() + msMax;
  while (!(await isSo())) {
    if (performance.now() > late) throw new Error(`not within ${msMax / 1000} s: ${what}`);
    await sleep(LOOK_MS);
  }
}

/** Seconds of CPU, in the order of the processes. */
export function cpuSeconds(servers: readonly Watched[]): readonly number[] {
  const readings = readCpu(servers);
  return servers.map(
    server => (readings.find(({ name }) => name === server.name)?.micros ?? 0) / MICROS_PER_SECOND,
  );
}

async function statusOf(address: string): Promise<ClusterStatus> {
  const channel = openChannel(address, { protos, surroundings: SYSTEM });
  try {
    const terms = { timeoutMs: ANSWER_MS_MAX, write: false };
    return readStatus(await channel.call(protos.cluster.Status, {}, terms));
  } finally {
    channel.close();
  }
}
