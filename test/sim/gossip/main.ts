/**
 * `make gossip`: how fast news of members spreads and what that costs, from 4 to 64 whole nodes; how soon the
 * dead are known to be; who is taken for dead and is not. Prints figures and judges nothing: a short form
 * that does is a test (gossip.test.ts). A cluster is founded once for each size, by greetings, and lives
 * through all its trials; what is looked at with nine nodes begins anew with each seed.
 */
import { measureChanges, type Trial } from './changes.ts';
import { inTrouble, NODES, TROUBLES, untilKnown } from './detection.ts';
import { detectionLine, spreadLines, troubleLine } from './page.ts';
import { School } from './school.ts';
import { type Part, readSettings, type Settings, SettingsError } from './settings.ts';
import type { Judged } from './watch.ts';

/** After a birth. */
const QUIET_MS = 10_000;
/** All is exchanged twice in it. */
const IDLE_MS = 60_000;
/** Times want more of them than figures that are 0. */
const DETECTION_SEEDS_PER_SEED = 4;

const PARTS: Readonly<Record<Part, (settings: Settings) => Promise<void>>> = { spread, detection, trouble };

try {
  const settings = readSettings(process.env);
  for (const part of settings.parts) await PARTS[part](settings);
} catch (error) {
  process.stderr.write(`${error instanceof SettingsError ? error.message : (error as Error).stack}\n`);
  process.exitCode = error instanceof SettingsError ? 2 : 1;
}

async function spread({ nodes: sizes, seeds }: Settings): Promise<void> {
  for (const nodes of sizes) {
    const school = await School.born({ seed: nodes, nodes });
    await school.pass(QUIET_MS);
    const idle = await school.idle(IDLE_MS);
    const trials: Trial[] = [];
    while (trials.length < seeds) trials.push(await measureChanges(school, trials.length));
    say(spreadLines({ nodes, idle, trials }));
  }
}

async function detection({ seeds }: Settings): Promise<void> {
  say([`${NODES} nodes`]);
  for (const how of ['killed', 'stopped'] as const) {
    const knownMs: number[] = [];
    while (knownMs.length < seeds * DETECTION_SEEDS_PER_SEED)
      knownMs.push(await untilKnown(how, knownMs.length + 1));
    say([`  ${detectionLine(how, knownMs)}`]);
  }
}

async function trouble({ seeds }: Settings): Promise<void> {
  say([`${NODES} nodes, a minute of trouble (aim: nobody is wronged), ${seeds} seeds`]);
  for (const each of TROUBLES) {
    const judged: Judged[] = [];
    while (judged.length < seeds) judged.push(await inTrouble(each, judged.length + 1));
    say([`  ${troubleLine(each.name, judged)}`]);
  }
}

function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
