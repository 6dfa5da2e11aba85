/**
 * Plays the cases of a bench one after the other, those that ONLY names, and prints what they have shown
 * beside the aims. A case that cannot be measured does not end the others.
 */
import { availableParallelism, constants, loadavg } from 'node:os';
import { endAll } from '../left-over.ts';
import { machineOf } from '../page.ts';
import { type Figure, pageOf } from './figure.ts';
import { tell } from './progress.ts';

/** By the names that ONLY is held against. */
export type Cases = Readonly<Record<string, () => Promise<readonly Figure[]>>>;

const ONLY = new RegExp(process.env.ONLY ?? '');

/** @returns the exit code: 1 when something could not be measured, never for a figure */
export async function playCases(cases: Cases): Promise<number> {
  const before = loadavg()[0]!;
  const figures: Figure[] = [];
  let failed = 0;
  for (const [name, measure] of Object.entries(cases).filter(([name]) => ONLY.test(name))) {
    await measure()
      .then(more => void figures.push(...more))
      .catch((error: Error) => {
        failed += 1;
        figures.push({ what: `${name} could not be measured`, measured: error.message });
      });
    tell(`${name}: done`);
  }
  process.stdout.write(machineOf({ cores: availableParallelism(), before, node: process.version }));
  process.stdout.write(pageOf(figures));
  return failed === 0 ? 0 : 1;
}

/** Whatever ends the bench ends what it has started. */
export function endWithAll(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  process.once('exit', endAll);
}
