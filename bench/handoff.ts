/**
 * What `make bench-handoff` starts: a node is away, misses what is written, and comes back. How soon it has
 * all, what that takes, and what clients notice, beside the aims. It fails when it cannot measure, never for
 * a figure.
 */
import { availableParallelism, constants, loadavg } from 'node:os';
import { awayFigures } from './handoff/away.ts';
import { besideFigures } from './handoff/beside-clients.ts';
import { type Figure, pageOf } from './handoff/figure.ts';
import { idleFigures } from './handoff/idle.ts';
import { oneKeyFigures } from './handoff/one-key.ts';
import { endAll } from './left-over.ts';
import { machineOf } from './page.ts';

const SMALL = process.env.SMALL === '1';
const ONLY = new RegExp(process.env.ONLY ?? '');
const KEYS = SMALL ? 10_000 : 100_000;
const IDLE_SECONDS = SMALL ? 5 : 20;
const BESIDE = SMALL ? { windowSeconds: 3, windows: 2 } : { windowSeconds: 5, windows: 4 };

const CASES: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  three: () => awayFigures({ nodes: 3, keys: KEYS }),
  five: () => awayFigures({ nodes: 5, keys: KEYS }),
  'one-key': oneKeyFigures,
  clients: () => besideFigures({ ...BESIDE, keys: KEYS }),
  idle: () => idleFigures(IDLE_SECONDS),
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
process.once('exit', endAll);

process.exitCode = await run();

async function run(): Promise<number> {
  const before = loadavg()[0]!;
  const figures: Figure[] = [];
  let failed = 0;
  for (const [name, measure] of Object.entries(CASES).filter(([name]) => ONLY.test(name))) {
    await measure()
      .then(more => void figures.push(...more))
      .catch((error: Error) => {
        failed += 1;
        figures.push({ what: `${name} could not be measured`, measured: error.message });
      });
    process.stderr.write(`${name}: done\n`);
  }
  process.stdout.write(machineOf({ cores: availableParallelism(), before, node: process.version }));
  process.stdout.write(pageOf(figures));
  return failed === 0 ? 0 : 1;
}
