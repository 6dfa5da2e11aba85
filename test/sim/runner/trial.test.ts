/** A seed on trial with a fake simulator: what is run how often, and what a failure comes to. */
import { describe, expect, test } from 'vitest';
import { Violation } from '../oracle.ts';
import type { Plan } from '../plan.ts';
import type { RunResult } from '../run.ts';
import type { Line } from '../trace.ts';
import { aPlan, kill } from './plans.ts';
import { type Order, tryOut } from './trial.ts';

const FIGURES = {
  simulatedMs: 60_000,
  operations: 10,
  acked: 9,
  messages: 80,
  events: 90,
  faults: { kill: 1 },
  reached: {},
};

/** A simulator whose every run comes to what `run` says; counts them. */
function fake(run: (plan: Plan, time: number) => Partial<RunResult>) {
  const drawn = aPlan({ faults: Array.from({ length: 12 }, (_, i) => kill(i + 1)) });
  const made = { runs: 0 };
  const simulator = {
    drawPlan: (seed: number) => ({ ...drawn, seed }),
    runPlan: async (plan: Plan): Promise<RunResult> => {
      made.runs += 1;
      const result = { violation: undefined, traceHash: 'aaaa', lines: [], figures: FIGURES };
      return { seed: plan.seed, ...result, ...run(plan, made.runs) };
    },
  };
  return { made, tried: (order: Partial<Order>) => tryOut(orderOf(order), { simulator, now: () => 0 }) };
}

function orderOf(order: Partial<Order>): Order {
  return { seed: 42, twice: false, explain: true, ...order };
}

function line(about: Line['about'], of: Partial<Line> = {}): Line {
  return { at: 1, about, key: undefined, text: about, ...of };
}

const lost = new Violation('I1', 'w7 is gone', { key: 'k1' });

describe('a seed on trial', () => {
  test('that holds is run once, and its figures are told', async () => {
    const { tried, made } = fake(() => ({}));
    expect(await tried({})).toEqual({ kind: 'held', figures: FIGURES });
    expect(made.runs).toBe(1);
  });

  test('is run twice when that is asked for', async () => {
    const { tried, made } = fake(() => ({}));
    expect(await tried({ twice: true })).toMatchObject({ kind: 'held' });
    expect(made.runs).toBe(2);
  });

  test('fails by I13 when its second run leaves another trace, and tells where they part', async () => {
    const { tried } = fake((_, time) => ({
      traceHash: `${time % 2}`,
      lines: [
        line('node', { text: 'n1 starts' }),
        line('node', { text: time % 2 ? 'n2 starts' : 'n3 starts' }),
      ],
    }));
    const outcome = await tried({ twice: true });
    expect(outcome).toMatchObject({ kind: 'failed', invariant: 'I13' });
    expect(outcome.kind === 'failed' && outcome.finding?.text).toMatch(/n2 starts.*n3 starts/);
  });

  test('that fails is cut down to what breaks the same invariant', async () => {
    const { tried } = fake(({ faults }) => {
      if (faults.some(({ id }) => id === 5)) return { violation: lost };
      return { violation: new Violation('L1', 'something else') };
    });
    const outcome = await tried({});
    expect(outcome).toMatchObject({ kind: 'failed', invariant: 'I1', text: 'w7 is gone' });
    expect(outcome).toMatchObject({ finding: { seed: 42, key: 'k1', smallest: { faults: [{ id: 5 }] } } });
  });

  test('that fails is not cut down when nobody wants to read of it', async () => {
    const { tried, made } = fake(() => ({ violation: lost }));
    expect(await tried({ explain: false })).toMatchObject({ kind: 'failed', finding: undefined });
    expect(made.runs).toBe(1);
  });

  test('is explained by faults, nodes, the oracle and its key, and nothing else', async () => {
    const told = [
      line('fault'),
      line('node'),
      line('message', { key: 'k1' }),
      line('disk', { key: 'k1' }),
      line('oracle', { key: 'k1' }),
    ];
    const noise = [line('message', { key: 'k2' }), line('client', { key: 'k2' }), line('disk')];
    const { tried } = fake(() => ({ violation: lost, lines: [...noise, ...told] }));
    expect(await tried({})).toMatchObject({ finding: { lines: told, leftOut: 0 } });
  });

  test('is explained by no more than 200 lines: the faults, and the last of the others', async () => {
    const lines = Array.from({ length: 250 }, (_, i) => line(i === 3 ? 'fault' : 'node', { at: i }));
    const outcome = await fake(() => ({ violation: lost, lines })).tried({});
    expect(outcome).toMatchObject({ finding: { leftOut: 50 } });
    const shown = outcome.kind === 'failed' ? outcome.finding?.lines.map(({ at }) => at) : undefined;
    expect(shown).toEqual([3, ...Array.from({ length: 199 }, (_, i) => 51 + i)]);
  });

  test('that fails and then does not is a failure of I13', async () => {
    const { tried } = fake((_, time) => (time === 1 ? { violation: lost } : {}));
    expect(await tried({})).toMatchObject({ finding: { invariant: 'I13' } });
  });
});
