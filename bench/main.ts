/**
 * What `make bench` starts: measures what the settings want and prints it. It fails when it cannot measure,
 * never for a figure.
 */
import { availableParallelism, constants, loadavg } from 'node:os';
import { verdicts } from './aims.ts';
import { endAll } from './left-over.ts';
import { aimsOf, causesOf, lineOf, machineOf, tableOf } from './page.ts';
import { planOf, sectionName } from './plan.ts';
import { Results } from './results.ts';
import { type Bench, measureSection } from './section.ts';
import { readSettings, type Settings, SettingsError } from './settings.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
process.once('exit', endAll);

try {
  process.exitCode = await run(readSettings(process.env));
} catch (error) {
  process.stderr.write(`${error instanceof SettingsError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 2;
}

async function run(settings: Settings): Promise<number> {
  const bench: Bench = {
    results: new Results(),
    measuredMs: settings.seconds * 1000,
    causes: new Map(),
    failures: new Map(),
    onResult: result => process.stderr.write(lineOf(result)),
  };
  const before = loadavg()[0]!;
  const plan = planOf(settings);
  if (plan.length === 0) throw new SettingsError('no row has such a name');
  for (const section of plan) {
    await measureSection(section, bench).catch((error: Error) =>
      bench.failures.set(sectionName(section), error.message),
    );
  }
  process.stdout.write(
    `${machineOf({ cores: availableParallelism(), before, node: process.version })}\n${pageOf(bench)}`,
  );
  return bench.failures.size === 0 ? 0 : 1;
}

function pageOf({ results, causes, failures }: Bench): string {
  const judged = verdicts(row => results.of(row));
  return [
    tableOf(results.all()),
    ...(judged.length === 0 ? [] : [aimsOf(judged)]),
    ...(causes.size === 0 ? [] : ['where the first node spent its time, of what was missed\n']),
    ...[...causes].map(([row, first]) => causesOf(row, first)),
    ...[...failures].map(([row, why]) => `could not be measured: ${row}: ${why}\n`),
  ].join('\n');
}
