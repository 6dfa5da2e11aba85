/**
 * One of three nodes was away while few of very many keys were written, and nothing but anti-entropy tells it
 * so: how soon it has them, and what that costs, beside the same with none. Its start is in both.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { atMost, type Figure } from '../stage/figure.ts';
import type { Stage } from '../stage/stage.ts';
import { cpuSeconds, statuses } from '../stage/watch.ts';
import { keysNamed, writeKeys } from '../stage/writing.ts';
import { untilAgreed } from './agreed.ts';
import { Counts } from './counts.ts';
import { type Loaded, NODES } from './loaded.ts';

const AMOUNTS = [0, 1, 10, 1_000] as const;
const AWAY = NODES - 1;
const SECONDS_MAX = 60;
const KIB = 1024;
const ONE_KEY_BYTES_MAX = 64 * KIB;
const TIMES_VALUES_MAX = 4;
/** Of CPU, from when it serves: the same for all, longer than any of it takes. */
const CPU_SECONDS = 10;

interface Repaired {
  readonly missed: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly digestBytes: number;
  readonly recordBytes: number;
  readonly fetched: number;
  readonly sent: number;
  /** All nodes hold as many records. */
  readonly equal: boolean;
}

export async function fewKeysFigures(loaded: Loaded): Promise<readonly Figure[]> {
  const stage = await loaded.stage('read-repair', 'hints');
  // What the two others learn of the compiler is in no figure.
  await repair(stage, 0, loaded.valueBytes);
  const all: Repaired[] = [];
  for (const missed of AMOUNTS) all.push(await repair(stage, missed, loaded.valueBytes));
  return all.flatMap(one => figuresOf(one, { none: all[0]!, loaded }));
}

async function repair({ cluster, bucket }: Stage, missed: number, valueBytes: number): Promise<Repaired> {
  const { addresses } = cluster;
  await cluster.halt(AWAY);
  await writeKeys(bucket, keysNamed(`missed-${missed}-`, missed), { w: 2, strict: true, valueBytes });
  const counts = await Counts.since(addresses, addresses.slice(0, AWAY));
  await cluster.revive(AWAY);
  const cpu = cpuSeconds(cluster.servers);
  const seconds = await untilAgreed(addresses[AWAY]!);
  const counted = await counts.now();
  const records = (await statuses(addresses)).map(status => status.records);
  await sleep(Math.max(0, CPU_SECONDS - seconds) * 1000);
  return {
    missed,
    seconds,
    cpuSeconds: cpuSeconds(cluster.servers).reduce((sum, now, i) => sum + now - cpu[i]!, 0),
    digestBytes: counted('peers.bytes.comparisons'),
    recordBytes: counted('peers.bytes.records'),
    fetched: counted('repair.fetched'),
    sent: counted('repair.sent'),
    equal: new Set(records).size === 1,
  };
}

function figuresOf(
  repaired: Repaired,
  { none, loaded }: { readonly none: Repaired; readonly loaded: Loaded },
): readonly Figure[] {
  const { missed, seconds, fetched, sent, equal } = repaired;
  const what = `${missed} of ${loaded.keys} keys missed`;
  const more = repaired.cpuSeconds - none.cpuSeconds;
  return [
    { what: `${what}: until all agree`, ...atMost(seconds, SECONDS_MAX, one => `${one.toFixed(1)} s`) },
    { what: `${what}: messages between nodes`, ...bytesOf(repaired, loaded) },
    {
      what: `${what}: of them digests, records`,
      measured: `${shown(repaired.digestBytes)}, ${shown(repaired.recordBytes)}`,
    },
    { what: `${what}: records fetched, sent`, measured: `${fetched}, ${sent}` },
    {
      what: `${what}: CPU of all nodes within ${CPU_SECONDS} s`,
      measured: `${repaired.cpuSeconds.toFixed(2)} s${missed === 0 ? '' : `, ${more.toFixed(2)} s more than for none`}`,
    },
    {
      what: `${what}: all nodes hold as many then`,
      measured: equal ? 'yes' : 'no',
      aim: { wanted: 'yes', reached: equal },
    },
  ];
}

function bytesOf(
  { missed, digestBytes, recordBytes }: Repaired,
  { valueBytes }: Loaded,
): Omit<Figure, 'what'> {
  const bytes = digestBytes + recordBytes;
  if (missed === 1) return atMost(bytes, ONE_KEY_BYTES_MAX, shown);
  if (missed < 1_000) return { measured: shown(bytes) };
  const times = bytes / (missed * valueBytes);
  return atMost(times, TIMES_VALUES_MAX, one => `${one.toFixed(1)} × their values`);
}

function shown(bytes: number): string {
  return `${(bytes / KIB).toFixed(1)} KiB`;
}
