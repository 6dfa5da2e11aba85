/** What a node costs that owes nobody anything and is asked nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure } from './figure.ts';
import { keysNamed, onStage, writeKeys } from './stage.ts';
import { cpuSeconds } from './watch.ts';

const NODES = 3;
const KEYS = 10_000;
/** For what compiles and collects afterwards. */
const SETTLE_MS = 5_000;

export async function idleFigures(seconds: number): Promise<readonly Figure[]> {
  return await onStage(NODES, async stage => {
    await writeKeys(stage, keysNamed('k', KEYS));
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
