/**
 * How long a node of very many keys takes from its start until it serves, after it was stopped cleanly and
 * after `kill -9`, beside a node with nothing in it: what grows with the keys is a defect.
 */
import { median } from '../run/measured.ts';
import type { Figure } from '../stage/figure.ts';
import { onStage, type Stage } from '../stage/stage.ts';
import { cpuSeconds } from '../stage/watch.ts';
import { type Loaded, NODES } from './loaded.ts';

const TIMES = 3;
const AT = NODES - 1;

export async function startUpFigures(loaded: Loaded): Promise<readonly Figure[]> {
  const empty = await onStage({ nodes: NODES }, stage => startUps(stage, 'halt'));
  const stage = await loaded.stage();
  const clean = await startUps(stage, 'halt');
  const killed = await startUps(stage, 'kill');
  return [
    { what: 'from its start until it serves: a node without keys', measured: empty },
    { what: `the same with ${loaded.keys} keys, stopped cleanly`, measured: clean },
    { what: `the same with ${loaded.keys} keys, after kill -9`, measured: killed },
  ];
}

async function startUps({ cluster }: Stage, end: 'halt' | 'kill'): Promise<string> {
  const seconds: number[] = [];
  const cpu: number[] = [];
  while (seconds.length < TIMES) {
    await cluster[end](AT);
    const began = performance.now();
    await cluster.revive(AT);
    seconds.push((performance.now() - began) / 1000);
    cpu.push(cpuSeconds(cluster.servers)[AT]!);
  }
  return `${median(seconds).toFixed(2)} s, ${median(cpu).toFixed(2)} s of CPU`;
}
