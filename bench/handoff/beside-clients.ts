/** Clients while a node is brought what it missed, and the same clients before that and after it. */
import { type EvenClients, type Windows, withEvenClients } from '../stage/even-clients.ts';
import type { Figure } from '../stage/figure.ts';
import { noticedFigures } from '../stage/noticed.ts';
import { onStage, type Stage, untilNothingIsOwed } from '../stage/stage.ts';
import { cpuSeconds, holdingOf } from '../stage/watch.ts';
import { keysNamed, writeKeys } from '../stage/writing.ts';

export interface Beside extends Windows {
  readonly keys: number;
}

const NODES = 3;
const AWAY = NODES - 1;

export async function besideFigures({ keys, ...windows }: Beside): Promise<readonly Figure[]> {
  return await onStage({ nodes: NODES }, stage =>
    withEvenClients(stage, windows, clients => figuresOf(stage, clients, keys)),
  );
}

async function figuresOf(stage: Stage, clients: EvenClients, keys: number): Promise<readonly Figure[]> {
  const { cluster, bucket } = stage;
  const before = await clients.alone('before');
  await cluster.kill(AWAY);
  await writeKeys(bucket, keysNamed('k', keys));
  await cluster.revive(AWAY);
  const began = performance.now();
  const cpu = cpuSeconds(cluster.servers);
  const left = async () => `${(await holdingOf(cluster.addresses)).hints} hints left`;
  const during = await clients.beside({ over: untilNothingIsOwed(stage), left });
  const seconds = (performance.now() - began) / 1000;
  const used = cpuSeconds(cluster.servers).reduce((sum, now, i) => sum + now - cpu[i]!, 0);
  const after = await clients.alone('after');
  return [
    {
      what: 'beside clients: what they ask a second, of the peak',
      measured: `${clients.rate.toFixed(0)}, 30 %`,
    },
    ...noticedFigures('beside clients', { before, during, after }),
    { what: `beside clients: until ${keys} keys are handed off`, measured: `${seconds.toFixed(0)} s` },
    {
      what: 'beside clients: CPU of all nodes meanwhile',
      measured: `${(used / seconds).toFixed(2)} cores`,
    },
  ];
}
