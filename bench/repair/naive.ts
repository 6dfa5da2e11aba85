/**
 * What anti-entropy is held against: two nodes compare all records, page by page, and bring over what
 * differs. One was away for a thousand of them; the bench stands in the other's place and compares. What it
 * costs hardly depends on how many differ.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Partition, partition } from '../../src/base/ids.ts';
import { PARTITIONS } from '../../src/core/ring/placement.ts';
import { HAND_OFF_RECORDS_MAX, type Located, type Replica } from '../../src/ports/replica.ts';
import { systemClock } from '../../src/system/clock.ts';
import type { Figure } from '../stage/figure.ts';
import { progress } from '../stage/progress.ts';
import type { Stage } from '../stage/stage.ts';
import { cpuSeconds, statuses } from '../stage/watch.ts';
import { keysNamed, writeKeys } from '../stage/writing.ts';
import { type Loaded, NODES } from './loaded.ts';
import { type Line, lineTo } from './stranger.ts';

const MISSED = 1_000;
const AWAY = NODES - 1;
const ANSWER_MS_MAX = 60_000;
/** Until nodes have written down which processes the others are, and what compiles after a start. */
const SETTLE_MS = 10_000;
const MIB = 1024 * 1024;
const MICROS_PER_SECOND = 1e6;

export async function naiveFigures(loaded: Loaded): Promise<readonly Figure[]> {
  const stage = await loaded.stage('read-repair', 'hints', 'anti-entropy');
  const { cluster, bucket } = stage;
  await cluster.halt(AWAY);
  const missed = keysNamed('naive-', MISSED);
  await writeKeys(bucket, missed, { w: 2, strict: true, valueBytes: loaded.valueBytes });
  await cluster.revive(AWAY);
  await sleep(SETTLE_MS);
  const [first, away] = [cluster.specs[0]!, cluster.specs[AWAY]!];
  const near = await lineTo(first, away);
  const far = await lineTo(away, first);
  try {
    return await figuresOf(stage, loaded, { near, far });
  } finally {
    near.close();
    far.close();
  }
}

interface Lines {
  /** In whose place the bench stands: what it reads there costs no network. */
  readonly near: Line;
  readonly far: Line;
}

async function figuresOf(
  { cluster }: Stage,
  { keys }: Loaded,
  { near, far }: Lines,
): Promise<readonly Figure[]> {
  const cpu = cpuSeconds(cluster.servers);
  const own = process.cpuUsage();
  const began = performance.now();
  const brought = await compareAll(near.replica, far.replica);
  const seconds = (performance.now() - began) / 1000;
  const used = cpuSeconds(cluster.servers).map((now, i) => now - cpu[i]!);
  const { user, system } = process.cpuUsage(own);
  const records = (await statuses(cluster.addresses)).map(status => status.records);
  const what = `all records of two nodes compared, ${keys} keys`;
  const shown = [used[AWAY]!, used[0]!, (user + system) / MICROS_PER_SECOND].map(one => one.toFixed(1));
  return [
    { what: `${what}: time`, measured: `${seconds.toFixed(1)} s` },
    { what: `${what}: messages`, measured: `${(far.bytes() / MIB).toFixed(1)} MiB` },
    {
      what: `${what}: CPU of the node read, the other, the comparing`,
      measured: `${shown.join(' s, ')} s`,
    },
    { what: `${what}: records brought`, measured: `${brought} of ${MISSED}` },
    { what: `${what}: records of each node then`, measured: records.join(', ') },
  ];
}

/** @returns how many records were brought from `near` to `far` */
async function compareAll(near: Replica, far: Replica): Promise<number> {
  const told = progress('comparing all records: partitions', PARTITIONS);
  let brought = 0;
  for (let index = 0; index < PARTITIONS; index += 1) {
    const at = partition(index);
    const [ours, theirs] = await Promise.all([recordsOf(near, at), recordsOf(far, at)]);
    const lacking = [...ours].filter(([name, { record }]) => {
      const other = theirs.get(name)?.record.digest;
      return other === undefined || Buffer.compare(other, record.digest) !== 0;
    });
    await bring(
      far,
      lacking.map(([, located]) => located),
    );
    brought += lacking.length;
    told(index + 1);
  }
  return brought;
}

async function recordsOf(replica: Replica, at: Partition): Promise<ReadonlyMap<string, Located>> {
  const all = new Map<string, Located>();
  let after: Uint8Array = new Uint8Array();
  do {
    const page = await replica.scan({ partition: at, after }, call());
    for (const located of page.records) all.set(`${located.place.bucket}/${located.place.key}`, located);
    after = page.next;
  } while (after.byteLength > 0);
  return all;
}

async function bring(replica: Replica, records: readonly Located[]): Promise<void> {
  for (let at = 0; at < records.length; at += HAND_OFF_RECORDS_MAX) {
    const { held } = await replica.handOff(records.slice(at, at + HAND_OFF_RECORDS_MAX), call());
    if (held.includes(false)) throw new Error('a record was not taken');
  }
}

function call() {
  return { deadline: systemClock.now() + ANSWER_MS_MAX, cancelled: false };
}
