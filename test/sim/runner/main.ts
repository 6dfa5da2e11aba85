/**
 * What `make sim` and `make sim-mutants` start: reads what is wanted, does it, and says by its status whether
 * all held.
 */
import { constants } from 'node:os';
import { runCampaign } from './campaign.ts';
import { Crew } from './crew.ts';
import { hunt } from './hunt.ts';
import { writeResults } from './results.ts';
import { thisCommit } from './seeds.ts';
import { readHuntSettings, readSettings, type Settings, SettingsError } from './settings.ts';
import { watchReplay } from './watch.ts';

const screen = process.stdout;
const crew = new Crew();
const interrupted = new AbortController();

process.once('exit', () => crew.end());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const)
  process.once(signal, () => end(signal));
// Nobody reads on, as with `| head`: what was not told has not held.
screen.on('error', () => end('SIGPIPE'));

try {
  const held = await (process.argv[2] === 'mutants'
    ? mutants(readHuntSettings(process.env))
    : seeds(readSettings(process.env)));
  process.exitCode = held ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof SettingsError ? error.message : (error as Error).stack}\n`);
  // At once: a worker that could not begin may leave others at work.
  process.exit(2);
}

function end(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGPIPE'): never {
  if (signal === 'SIGINT') interrupted.abort();
  process.exit(128 + constants.signals[signal]);
}

async function seeds(settings: Settings): Promise<boolean> {
  const { seed, report } = settings;
  if (seed !== undefined) return await replayed(seed, settings);
  const held = await runCampaign(settings, {
    commit: thisCommit(),
    screen,
    crew,
    interrupted: interrupted.signal,
  });
  writeResults(report, held ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
  return held;
}

async function replayed(seed: number, settings: Settings): Promise<boolean> {
  const worker = await crew.start(settings);
  return await watchReplay(seed, { worker, complain: text => process.stderr.write(text) });
}

async function mutants(settings: Settings): Promise<boolean> {
  const { caught, survived } = await hunt(settings, { screen, crew });
  writeResults(settings.report, { passed: caught, failed: survived });
  return survived === 0;
}
