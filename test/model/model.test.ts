/**
 * DESIGN §4 as a randomized model against full causal histories. `make test` runs 2 000 histories, `make
 * check-model` 50 000; SHOAL_MODEL_HISTORIES and SHOAL_MODEL_SEED say otherwise. History i has the seed
 * SHOAL_MODEL_SEED + i, so a failure is replayed by its own.
 */
import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { MUTANTS } from './mutants.ts';
import { PRODUCTION } from './rules.ts';
import { report, runSeed } from './run.ts';

const HISTORIES = Number(process.env.SHOAL_MODEL_HISTORIES ?? 2000);
const GIVEN_SEED = process.env.SHOAL_MODEL_SEED;
/** The fixed half finds what was found before; the other half is new each time. */
const SEEDS = GIVEN_SEED === undefined ? [1, randomInt(2 ** 31)] : [Number(GIVEN_SEED)];
const PROGRESS = 10_000;
/** The rarest of them takes 4 600 (a context without the list of what was overwritten). */
const MUTANT_HISTORIES_MAX = 12_000;

test(`no history of ${HISTORIES} loses a write, brings one back, or shows what its past does not say`, {
  timeout: 1_800_000,
}, () => {
  const figures = { events: 0, writes: 0, acks: 0, excused: 0 };
  const began = performance.now();
  for (let i = 0; i < HISTORIES; i++) {
    const failure = runSeed(seedOf(i), { figures });
    if (failure) expect.fail(report(failure));
    if (i > 0 && i % PROGRESS === 0) say(`${i} histories, ${figures.acks} acks`);
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const { events, writes, acks, excused } = figures;
  say(
    `${HISTORIES} histories from seeds ${SEEDS.join(' and ')}: ${events} events, ${writes} writes sent, ${acks} acks, ` +
      `${excused} twins excused (I9), ${seconds} s`,
  );
  expect(acks).toBeGreaterThanOrEqual(HISTORIES > 100 ? HISTORIES : 0);
});

test('a history is the same each time it is run', () => {
  const once = { events: 0, writes: 0, acks: 0, excused: 0 };
  const again = { ...once };
  for (let seed = 1; seed <= 50; seed++) runSeed(seed, { figures: once });
  for (let seed = 1; seed <= 50; seed++) runSeed(seed, { figures: again });
  expect(again).toEqual(once);
});

test.each(Object.entries(MUTANTS))('the model objects when %s', { timeout: 60_000 }, (story, mutant) => {
  for (let seed = 1; seed <= MUTANT_HISTORIES_MAX; seed++) {
    const failure = runSeed(seed, { rules: { ...PRODUCTION, ...mutant } });
    if (failure === undefined) continue;
    expect(runSeed(seed), 'the production itself').toBeUndefined();
    say(`${story}: caught by history ${seed}, in ${failure.shortest.length} events (${failure.objection})`);
    return;
  }
  expect.fail(`${MUTANT_HISTORIES_MAX} histories without an objection`);
});

/** Takes turns between the seeds. */
function seedOf(i: number): number {
  return SEEDS[i % SEEDS.length]! + Math.floor(i / SEEDS.length);
}

function say(line: string): void {
  process.stderr.write(`model: ${line}\n`);
}
