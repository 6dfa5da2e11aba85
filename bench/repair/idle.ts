/**
 * What anti-entropy and the scrubber cost where nothing differs and nobody asks anything: the same nodes with
 * them and without.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { atMost, exactly, type Figure } from '../stage/figure.ts';
import type { Stage } from '../stage/stage.ts';
import { cpuSeconds } from '../stage/watch.ts';
import { Counts } from './counts.ts';
import { type Loaded, NODES } from './loaded.ts';

export interface IdleTimes {
  /** For what compiles and collects after a start. */
  readonly settleSeconds: number;
  readonly seconds: number;
}

const CORE_PERCENT_MAX = 0.5;
const KIB_PER_SECOND_MAX = 16;
const REPAIRS = ['repair.differences', 'repair.fetched', 'repair.sent', 'read.repair', 'scrub.drift'];

interface Idle {
  /** Of a core, the mean of the nodes. */
  readonly percent: number;
  readonly kibPerSecond: number;
  readonly repairs: number;
  readonly scrubbed: number;
}

export async function idleFigures(loaded: Loaded, times: IdleTimes): Promise<readonly Figure[]> {
  // The store has work left from before, and has less of it each time.
  const first = await idle(await loaded.stage('anti-entropy'), times);
  const whole = await idle(await loaded.stage(), times);
  const last = await idle(await loaded.stage('anti-entropy'), times);
  const bare = { percent: (first.percent + last.percent) / 2 };
  const what = `idle for ${times.seconds} s, ${loaded.keys} keys`;
  const percent = (one: number) => `${one.toFixed(2)} %`;
  return [
    {
      what: `${what}: of a core a node, with and without`,
      measured: `${percent(whole.percent)}, ${percent(bare.percent)}`,
    },
    {
      what: `${what}: anti-entropy and scrub, of a core a node`,
      ...atMost(whole.percent - bare.percent, CORE_PERCENT_MAX, percent),
    },
    {
      what: `${what}: comparing, a node`,
      ...atMost(whole.kibPerSecond, KIB_PER_SECOND_MAX, one => `${one.toFixed(2)} KiB/s`),
    },
    { what: `${what}: repairs`, ...exactly(whole.repairs, 0) },
    { what: `${what}: rows scrubbed`, measured: String(whole.scrubbed) },
  ];
}

async function idle({ cluster }: Stage, { settleSeconds, seconds }: IdleTimes): Promise<Idle> {
  await sleep(settleSeconds * 1000);
  const counts = await Counts.since(cluster.addresses);
  const before = cpuSeconds(cluster.servers);
  await sleep(seconds * 1000);
  const used = cpuSeconds(cluster.servers).reduce((sum, now, i) => sum + now - before[i]!, 0);
  const counted = await counts.now();
  return {
    percent: (100 * used) / NODES / seconds,
    kibPerSecond: counted('peers.bytes.comparisons') / NODES / seconds / 1024,
    repairs: REPAIRS.reduce((sum, name) => sum + counted(name), 0),
    scrubbed: counted('scrub.rows'),
  };
}
