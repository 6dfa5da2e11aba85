/** What `make sim` and `make sim-mutants` start: reads what is wanted, does it, and says by its status whether all held. */
import { neverReached } from '../reached.ts';
import { runCampaign } from './campaign.ts';
import { hunt } from './hunt.ts';
import { replay } from './replay.ts';
import { writeResults } from './results.ts';
import { thisCommit } from './seeds.ts';
import { readSettings, type Settings } from './settings.ts';
import { loadSimulator } from './simulator.ts';

const screen = process.stdout;

try {
  const settings = readSettings(process.env);
  const held = await (process.argv[2] === 'mutants' ? mutants(settings) : seeds(settings));
  process.exitCode = held ? 0 : 1;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}

async function seeds(settings: Settings): Promise<boolean> {
  const { seed, mutant, report } = settings;
  if (seed !== undefined) return await replay(seed, { simulator: await loadSimulator(mutant), screen });
  const totals = await runCampaign(settings, { commit: thisCommit(), screen });
  // What was never tried has not held.
  const held = totals.failures === 0 && neverReached(totals).length === 0;
  writeResults(report, held ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
  return held;
}

async function mutants(settings: Settings): Promise<boolean> {
  const { caught, survived } = await hunt(settings, screen);
  writeResults(settings.report, { passed: caught, failed: survived });
  return survived === 0;
}
