/**
 * A node is away while many keys are written, and comes back: how soon it has them all, and what that takes.
 * With more nodes than replicas others stand in for it, and give up what they hold for it as well.
 */
import { atMost, type Figure } from '../stage/figure.ts';
import { onStage, type Stage, untilNothingIsOwed } from '../stage/stage.ts';
import { countOf, cpuSeconds, holdingOf, statuses } from '../stage/watch.ts';
import { keysNamed, valueFor, writeKeys } from '../stage/writing.ts';

const REPLICAS = 3;
const SAMPLE = 1_000;
const SECONDS_MAX = 30;

export interface Away {
  readonly nodes: number;
  readonly keys: number;
}

interface Return {
  readonly servedSeconds: number;
  readonly wholeSeconds: number;
  /** Of each node, from when the target serves. */
  readonly cpuSeconds: readonly number[];
}

export async function awayFigures({ nodes, keys }: Away): Promise<readonly Figure[]> {
  return await onStage({ nodes }, async stage => {
    const { cluster } = stage;
    const names = keysNamed('k', keys);
    await cluster.kill(nodes - 1);
    await writeKeys(stage.bucket, names);
    const owed = await holdingOf(cluster.addresses.slice(0, -1));
    await cluster.revive(nodes - 1);
    const back = await comeBack(stage);
    const records = await countOf('handoff.records', cluster.addresses);
    return [
      ...figuresOf(back, { nodes, keys, records }),
      { what: `${nodes} nodes: hints, foreign records`, measured: `${owed.hints}, ${owed.foreignRecords}` },
      ...(await held(stage, names)),
    ];
  });
}

async function comeBack(stage: Stage): Promise<Return> {
  const { servers } = stage.cluster;
  const before = cpuSeconds(servers);
  const began = performance.now();
  let served = began;
  await untilNothingIsOwed(stage, hints => {
    if (hints > 0) served = performance.now();
  });
  return {
    servedSeconds: (served - began) / 1000,
    wholeSeconds: (performance.now() - began) / 1000,
    cpuSeconds: cpuSeconds(servers).map((seconds, i) => seconds - before[i]!),
  };
}

function figuresOf(
  { servedSeconds, wholeSeconds, cpuSeconds: cpu }: Return,
  { nodes, keys, records }: Away & { readonly records: number },
): readonly Figure[] {
  const target = cpu.at(-1)!;
  const holders = cpu.slice(0, -1).reduce((sum, seconds) => sum + seconds, 0);
  const micros = (seconds: number) => `${((seconds * 1e6) / records).toFixed(0)} µs`;
  const all = nodes > REPLICAS ? ', and no foreign record is left' : '';
  return [
    {
      what: `${nodes} nodes, ${keys} keys: until no hint is left${all}`,
      ...atMost(wholeSeconds, SECONDS_MAX, seconds => `${seconds.toFixed(1)} s`),
    },
    { what: `${nodes} nodes: until the last hint is seen`, measured: `${servedSeconds.toFixed(1)} s` },
    { what: `${nodes} nodes: records handed off`, measured: `${records}` },
    { what: `${nodes} nodes: of them a second`, measured: `${(records / wholeSeconds).toFixed(0)}` },
    {
      what: `${nodes} nodes: CPU a record, target and all holders`,
      measured: `${micros(target)}, ${micros(holders)}`,
    },
  ];
}

/** All of them are at all their owners, which strict reads find without repairing anything. */
async function held({ cluster, bucket }: Stage, names: readonly string[]): Promise<readonly Figure[]> {
  const nodes = cluster.addresses.length;
  const all = await statuses(cluster.addresses);
  const records = all.reduce((sum, one) => sum + one.records, 0);
  const step = Math.max(1, Math.floor(names.length / SAMPLE));
  const sample = names.filter((_, i) => i % step === 0);
  const before = await countOf('read.repair', cluster.addresses);
  const got = await bucket.getMany(sample, { r: REPLICAS, strict: true, deadlineMs: 60_000 });
  const repaired = (await countOf('read.repair', cluster.addresses)) - before;
  const right = got.filter(one => one.ok && one.entry.text() === valueFor(one.key)).length;
  return [
    { what: `${nodes} nodes: records, the target's`, measured: `${records}, ${all.at(-1)!.records}` },
    {
      what: `${nodes} nodes: all replicas of all keys are there`,
      measured: `${right} of ${sample.length} read right, ${repaired} repaired`,
      aim: {
        wanted: 'all right, none repaired',
        reached: records === REPLICAS * names.length && right === sample.length && repaired === 0,
      },
    },
    {
      what: `${nodes} nodes: records fetched after the restart by other means`,
      measured: String(await countOf('recovering.records', cluster.addresses)),
    },
  ];
}
