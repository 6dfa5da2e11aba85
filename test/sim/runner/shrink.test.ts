/** What a failing plan is cut down to, and how many tries that takes. */
import { describe, expect, test } from 'vitest';
import type { Fault, Plan } from '../plan.ts';
import { aPlan, kill } from './plans.ts';
import { shrink } from './shrink.ts';

async function shrunk(plan: Plan, fails: (plan: Plan) => boolean, patience = 1_000) {
  let tries = 0;
  const smallest = await shrink(plan, {
    patient: () => tries < patience,
    fails: async smaller => {
      tries += 1;
      return fails(smaller);
    },
  });
  return { smallest, tries, faults: smallest.faults.map(({ id }) => id) };
}

const twelve: readonly Fault[] = Array.from({ length: 12 }, (_, i) => kill(i + 1));

function has(...ids: readonly number[]) {
  return ({ faults }: Plan) => ids.every(id => faults.some(fault => fault.id === id));
}

describe('shrinking a plan', () => {
  test.each([1, 5, 12])('finds the one fault of twelve that matters: number %i', async id => {
    const { faults, tries } = await shrunk(aPlan({ faults: twelve }), has(id));
    expect(faults).toEqual([id]);
    expect(tries).toBeLessThan(30);
  });

  test('finds two faults that only fail together, far apart', async () => {
    expect((await shrunk(aPlan({ faults: twelve }), has(2, 11))).faults).toEqual([2, 11]);
  });

  test('leaves no fault and no outcast where none is needed', async () => {
    const plan = aPlan({ faults: twelve, outcasts: [{ node: 'n1', state: 'dead' }] });
    expect((await shrunk(plan, () => true)).smallest).toMatchObject({ faults: [], outcasts: [] });
  });

  test('keeps the outcast that is needed', async () => {
    const [dead, frozen] = [
      { node: 'n1', state: 'dead' },
      { node: 'n2', state: 'frozen' },
    ] as const;
    const { smallest } = await shrunk(aPlan({ outcasts: [dead, frozen] }), ({ outcasts }) =>
      outcasts.includes(frozen),
    );
    expect(smallest.outcasts).toEqual([frozen]);
  });

  test('halves the time down to where it still fails', async () => {
    const { smallest } = await shrunk(aPlan({ safetyMs: 64_000 }), ({ safetyMs }) => safetyMs >= 7_000);
    expect(smallest.safetyMs).toBe(8_000);
  });

  test('leaves everything else as the seed drew it', async () => {
    const plan = aPlan({ faults: twelve });
    const { smallest } = await shrunk(plan, has(3));
    expect({ ...smallest, faults: [], safetyMs: 0 }).toEqual({ ...plan, faults: [], safetyMs: 0 });
  });

  test('a plan of which nothing can be left out is given back as it is', async () => {
    const plan = aPlan({ faults: twelve });
    expect((await shrunk(plan, smaller => smaller === plan)).smallest).toEqual(plan);
  });

  test('gives back the smallest so far when its patience ends', async () => {
    const { smallest, tries } = await shrunk(aPlan({ faults: twelve }), has(1), 3);
    expect(tries).toBe(3);
    expect(smallest.faults.length).toBeLessThan(12);
    expect(has(1)(smallest)).toBe(true);
  });
});
