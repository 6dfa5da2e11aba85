/**
 * `make detect`: five and nine real nodes on loopback that nobody asks for anything but how they see each
 * other. How soon all others know of one that is killed, or stopped for a while; whether anybody else is ever
 * held for down; what an idle node costs. Prints figures and judges nothing.
 */
import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readCpu } from '../../src/cli/load/cpu-readings.ts';
import type { LiveNode } from '../processes/support/live-node.ts';
import { LiveCluster } from '../processes/support/nodes.ts';
import { Lookout } from './lookout.ts';

/** Built at the same time as this, and what users run. */
const MAIN = fileURLToPath(new URL('../../../../dist/cli/main.js', import.meta.url));
const SIZES = (process.env.NODES ?? '5,9').split(',').map(Number);
const TRIALS = Number(process.env.TRIALS ?? 5);
const QUIET_MS = 3_000;
const IDLE_MS = 10_000;
const STOPPED_MS = 5_000;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(128 + constants.signals[signal]));

for (const nodes of SIZES) await look(nodes);

async function look(nodes: number): Promise<void> {
  const cluster = await LiveCluster.prepare({ nodes, main: MAIN });
  const endNow = (): void => endAtOnce(cluster);
  process.once('exit', endNow);
  try {
    await cluster.start();
    say(`${nodes} nodes, ${TRIALS} trials of each`);
    await sleep(QUIET_MS);
    say(`  idle: ${(await idleShare(cluster)).toFixed(1)} % of a core each`);
    await trials('kill -9', cluster, killed);
    await trials('SIGSTOP for 5 s', cluster, stopped);
  } finally {
    await cluster.close();
    process.off('exit', endNow);
  }
}

/** What the others knew, and when; ms. */
interface Known {
  readonly downMs: number;
  /** From when it goes on, or is started again. */
  readonly backMs: number;
}

type Blow = (node: LiveNode, lookout: Lookout) => Promise<Known>;

async function trials(what: string, { nodes }: LiveCluster, blow: Blow): Promise<void> {
  const known: Known[] = [];
  const wronged = new Set<string>();
  for (let i = 0; i < TRIALS; i++) {
    const node = nodes[i % nodes.length]!;
    const lookout = new Lookout(nodes, node);
    known.push(await blow(node, lookout));
    await sleep(QUIET_MS);
    for (const name of await lookout.end()) wronged.add(name);
  }
  const down = both(known.map(({ downMs }) => downMs));
  const back = both(known.map(({ backMs }) => backMs));
  say(`  ${what}: down at all others after ${down} (aim 3.00 s), seen again by all after ${back}`);
  say(`    others that were ever held for down by anybody: ${[...wronged].sort().join(', ') || 'none'}`);
}

async function killed(node: LiveNode, lookout: Lookout): Promise<Known> {
  await node.kill();
  const downMs = await lookout.until('down');
  await node.start();
  return { downMs, backMs: await lookout.until('alive') };
}

async function stopped(node: LiveNode, lookout: Lookout): Promise<Known> {
  const from = performance.now();
  node.freeze();
  const downMs = await lookout.until('down');
  await sleep(STOPPED_MS - (performance.now() - from));
  node.thaw();
  return { downMs, backMs: await lookout.until('alive') };
}

/** Mean of all nodes, %. */
async function idleShare({ nodes }: LiveCluster): Promise<number> {
  const watched = nodes.map(({ spec, pid }) => ({ name: spec.name, pid }));
  const micros = () =>
    readCpu(watched).reduce((sum, each) => sum + (each.name === 'load' ? 0 : each.micros), 0);
  const before = micros();
  await sleep(IDLE_MS);
  return (100 * (micros() - before)) / (IDLE_MS * 1_000) / nodes.length;
}

function both(figures: readonly number[]): string {
  const sorted = [...figures].sort((a, b) => a - b);
  const shown = (ms: number | undefined) => `${((ms ?? Number.NaN) / 1_000).toFixed(2)} s`;
  return `${shown(sorted[Math.floor(sorted.length / 2)])}, worst ${shown(sorted.at(-1))}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The process ends, and waits for nothing: nodes go before their folder, the frozen ones, too. */
function endAtOnce({ nodes, folder }: LiveCluster): void {
  for (const node of nodes) node.signal('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}
