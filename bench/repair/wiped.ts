/** A node that lost its disk, and gets all of it from the others. */
import { atMost, type Figure } from '../stage/figure.ts';
import { progress } from '../stage/progress.ts';
import { onStage } from '../stage/stage.ts';
import { cpuSeconds, statuses } from '../stage/watch.ts';
import { keysNamed, writeKeys } from '../stage/writing.ts';
import { untilAgreed } from './agreed.ts';
import { Counts } from './counts.ts';
import { type LoadedOptions, NODES } from './loaded.ts';

const WIPED = NODES - 1;
const SECONDS_MAX = 60;
const MIB = 1024 * 1024;

export async function wipedFigures({ keys, valueBytes }: LoadedOptions): Promise<readonly Figure[]> {
  return await onStage({ nodes: NODES }, async ({ cluster, bucket }) => {
    const { addresses } = cluster;
    const onWritten = progress('writing what is to be refilled', keys);
    await writeKeys(bucket, keysNamed('k', keys), { valueBytes, blind: true, onWritten });
    await cluster.halt(WIPED);
    cluster.wipe(WIPED);
    const counts = await Counts.since(addresses, addresses.slice(0, WIPED));
    const began = performance.now();
    await cluster.revive(WIPED);
    const cpu = cpuSeconds(cluster.servers);
    await untilAgreed(addresses[WIPED]!);
    const seconds = (performance.now() - began) / 1000;
    const used = cpuSeconds(cluster.servers).map((now, i) => now - cpu[i]!);
    const counted = await counts.now();
    const records = (await statuses(addresses)).map(status => status.records);
    const bytes = counted('peers.bytes.records') + counted('peers.bytes.comparisons');
    const what = `a wiped node of ${keys} keys`;
    return [
      { what: `${what}: until it is equal`, ...atMost(seconds, SECONDS_MAX, one => `${one.toFixed(1)} s`) },
      { what: `${what}: records of each node`, measured: records.join(', ') },
      {
        what: `${what}: messages between nodes`,
        measured: `${(bytes / MIB).toFixed(1)} MiB, ${(bytes / (keys * valueBytes)).toFixed(1)} × the values`,
      },
      { what: `${what}: CPU of each node`, measured: used.map(one => `${one.toFixed(1)} s`).join(', ') },
    ];
  });
}
