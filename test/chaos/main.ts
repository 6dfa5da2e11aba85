/**
 * What `make chaos` starts: five real nodes, clients that use them, and blows drawn from a seed (TRAPS §4).
 * It fails when something is lost, comes back, differs, or when a call fails; never for a figure.
 */
import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { LiveCluster } from '../processes/support/nodes.ts';
import { writeResults } from '../sim/runner/results.ts';
import { keep } from './kept.ts';
import { figuresPage, findingsPage, type Ran, verdictLine } from './page.ts';
import { run } from './run.ts';
import { commandOf, readSettings, type Settings, SettingsError } from './settings.ts';

/** Built at the same time as this, and what users run. */
const MAIN = fileURLToPath(new URL('../../../../dist/cli/main.js', import.meta.url));
const SEEDS = 1_000_000;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(128 + constants.signals[signal]));

try {
  const settings = readSettings(process.env, randomInt(SEEDS));
  process.stdout.write(`${commandOf(settings)}\n`);
  const passed = await chaos(settings);
  writeResults(settings.report, { passed: passed ? 1 : 0, failed: passed ? 0 : 1 });
  process.exitCode = passed ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof SettingsError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 2;
}

async function chaos(settings: Settings): Promise<boolean> {
  const cluster = await LiveCluster.prepare({ nodes: settings.nodes, main: MAIN });
  const endNow = (): void => endAtOnce(cluster);
  process.once('exit', endNow);
  const command = commandOf(settings);
  let ran: Ran | undefined;
  try {
    ran = await run(cluster, { ...settings, tell: line => void process.stdout.write(`${line}\n`) });
    process.stdout.write(`\n${figuresPage(ran)}`);
    const { findings } = ran;
    const isWell = findings.length === 0;
    process.stdout.write(
      isWell ? verdictLine(ran) : findingsPage(findings, { logs: keep(cluster, ran), command }),
    );
    return isWell;
  } catch (error) {
    process.stderr.write(findingsPage([String(error)], { logs: keep(cluster, ran), command }));
    return false;
  } finally {
    await cluster.close();
    process.off('exit', endNow);
  }
}

/** The process ends, and waits for nothing: nodes go before their folder, the frozen ones, too. */
function endAtOnce({ nodes, folder }: LiveCluster): void {
  for (const node of nodes) node.signal('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}
