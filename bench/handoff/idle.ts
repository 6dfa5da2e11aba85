/** What a node costs that owes nobody anything and is asked nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure } from '../stage/figure.ts';
import { onStage } from '../stage/stage.ts';
import { cpuSeconds } from '../stage/watch.ts';
import { keysNamed, writeKeys } from '../stage/writing.ts';

const NODES = 3;
const KEYS = 10_000;
/** For what compiles and collects afterwards. */
const SETTLE_MS = 5_000;

export async function idleFigures(seconds: number): Promise<readonly Figure[]> {
  return await onStage({ nodes: NODES }, async stage => {
    await writeKeys(stage.bucket, keysNamed('k', KEYS));
    await sleep(SETTLE_MS);
    const before = cpuSeconds(stage.cluster.servers);
    await sleep(seconds * 1000);
    const shares = cpuSeconds(stage.cluster.servers).map((now, i) => (now - before[i]!) / seconds);
    const percents = shares.map(share => `${(share * 100).toFixed(1)} %`);
    return [
      {
        what: `nothing owed, nothing asked for ${seconds} s: CPU of each node`,
        measured: percents.join(', '),
      },
    ];
  });
}
