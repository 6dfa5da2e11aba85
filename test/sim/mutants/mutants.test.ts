/**
 * A mutant that fits nowhere is hunted in vain: each must name one place in the sources, and break something
 * there.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { drawPlan } from '../swarm.ts';
import { MUTANTS } from './all.ts';
import { type Edit, edited, editsOf } from './mutate.ts';

const ROOT = new URL('../../../', import.meta.url);

function sourceOf({ file }: Edit): string {
  return readFileSync(new URL(file, ROOT), 'utf8');
}

describe('the mutants', () => {
  test.each(MUTANTS)('$name: fits the sources in one place', mutant => {
    for (const edit of editsOf(mutant)) expect(edited(sourceOf(edit), edit)).not.toBe(sourceOf(edit));
  });

  test('are at least 15, and each is another story', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(15);
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });

  test('keep within a line of what the compiler makes of the source', () => {
    const twoLines = /\n|\bif \(.*\) \S/;
    expect(MUTANTS.flatMap(editsOf).filter(({ find }) => twoLines.test(find))).toEqual([]);
  });

  test('have a budget', () => {
    expect(MUTANTS.filter(({ seeds }) => !(Number.isInteger(seeds) && seeds >= 1))).toEqual([]);
  });
});

describe('the plan of a mutant that has its own', () => {
  const aimed = MUTANTS.filter(({ plan }) => plan !== undefined);

  test.each(aimed)('$name: the seed decides it alone, and its faults are in order', ({ plan }) => {
    const made = plan!(drawPlan(7));
    expect(plan!(drawPlan(7))).toEqual(made);
    expect(made.faults.map(({ id }) => id)).toEqual(made.faults.map((_, i) => i + 1));
    expect(made.faults.map(({ at }) => at)).toEqual(made.faults.map(({ at }) => at).sort((a, b) => a - b));
  });

  const faulty = aimed.filter(({ plan }) => plan!(drawPlan(7)).faults.length > 0);

  test.each(faulty)('$name: another seed, other faults', ({ plan }) => {
    expect(plan!(drawPlan(8)).faults).not.toEqual(plan!(drawPlan(7)).faults);
  });
});

describe('an edit', () => {
  const edit: Edit = { file: 'src/a.ts', find: 'x > 0', replace: '$& >= 0' };

  test('puts its text in the place of the fragment, to the letter', () => {
    expect(edited('if (x > 0) y();', edit)).toBe('if ($& >= 0) y();');
  });

  test.each([
    [0, 'if (x < 0) y();'],
    [2, 'if (x > 0) y(x > 0);'],
  ])('is refused where its fragment is found %i times', (times, text) => {
    expect(() => edited(text, edit)).toThrow(`src/a.ts holds this ${times} times and not once: x > 0`);
  });
});
