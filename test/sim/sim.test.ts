/**
 * A taste of the simulator for every `make test`: some seeds of `make sim`, which runs them by the thousand.
 * A failure here prints the command that replays it with its log.
 */
import { describe, expect, test } from 'vitest';
import { runPlan } from './run.ts';
import { drawPlan } from './swarm.ts';

/**
 * Chosen by nobody: what was drawn when this was written, but for two of eight and nine nodes that took a
 * third of the time. Those that once found a defect have a test of their own.
 */
const SEEDS = [
  3021, 11_870_233, 40_112, 86_120_551, 907, 2_411_008_113, 650_017, 1_290_455_201, 5_512, 330_871_992,
];

/** Nine nodes take some seconds, and far more on a machine that is busy with other things. */
const SEED_MS_MAX = 120_000;

describe('whole clusters, under faults', { timeout: SEED_MS_MAX }, () => {
  test.each(SEEDS)('seed %i keeps every promise', async seed => {
    const { violation, figures } = await runPlan(drawPlan(seed), { keepLog: false });
    expect(violation?.message, `make sim SEED=${seed}`).toBeUndefined();
    expect(figures.acked).toBeGreaterThan(0);
  });

  test('the same seed gives the same trace, byte for byte (I13)', async () => {
    const [once, again] = [
      await runPlan(drawPlan(SEEDS[0]!), { keepLog: false }),
      await runPlan(drawPlan(SEEDS[0]!), { keepLog: true }),
    ];
    expect(again.traceHash).toBe(once.traceHash);
    expect(again.figures).toEqual(once.figures);
  });

  test('what a fault is left out of goes on as it was until then', async () => {
    const plan = drawPlan(SEEDS[1]!);
    const without = { ...plan, faults: plan.faults.slice(0, -1) };
    const last = plan.faults.at(-1)!;
    const [whole, less] = [await runPlan(plan, { keepLog: true }), await runPlan(without, { keepLog: true })];
    const until = (lines: typeof whole.lines) => lines.filter(({ at }) => at < last.at);
    expect(until(less.lines)).toEqual(until(whole.lines));
  });
});
