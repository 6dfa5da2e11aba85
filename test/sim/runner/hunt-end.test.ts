/** What counts as a catch of a mutant, and how it is told. */
import { describe, expect, test } from 'vitest';
import type { Mutant } from '../mutants/mutate.ts';
import { NO_TOTALS } from './figures.ts';
import { huntLine, judged } from './hunt-end.ts';

const mutant: Mutant = {
  name: 'a write is lost',
  file: 'src/a.ts',
  find: 'a',
  replace: 'b',
  seeds: 60,
  invariants: ['I1'],
};

const HELD = { kind: 'held', figures: NO_TOTALS } as const;
const BROKEN = {
  kind: 'failed',
  figures: NO_TOTALS,
  invariant: 'I1',
  text: 'w7 is gone',
  finding: undefined,
} as const;
const CRASHED = { kind: 'crashed', text: 'its process ended with status 7' } as const;
const HUNG = { kind: 'hung', text: 'no answer within 120 s' } as const;

describe('a mutant', () => {
  const of = { mutant, seed: 3, without: HELD };

  test('is caught by what it was expected to break', () => {
    const end = { kind: 'caught', seed: 3, by: 'I1', unexpected: false };
    expect(judged({ ...of, answer: BROKEN })).toEqual(end);
  });

  test('is caught by whatever else it breaks', () => {
    const answer = { ...BROKEN, invariant: 'L1' } as const;
    expect(judged({ ...of, answer })).toMatchObject({ kind: 'caught', by: 'L1', unexpected: true });
  });

  test.each([HUNG, CRASHED])('is not caught by a worker that $kind', answer => {
    expect(judged({ ...of, answer })).toEqual({ kind: answer.kind, why: `seed 3: ${answer.text}` });
  });

  test('that is known to end its process is caught when it does, but not when it hangs', () => {
    const crashing = { ...mutant, invariants: ['crash'] } as const;
    expect(judged({ ...of, mutant: crashing, answer: CRASHED })).toMatchObject({
      kind: 'caught',
      by: 'crash',
    });
    expect(judged({ ...of, mutant: crashing, answer: HUNG })).toMatchObject({ kind: 'hung' });
  });

  test.each([BROKEN, CRASHED, HUNG])('is not caught at a seed that is $kind without it, too', without => {
    expect(judged({ ...of, answer: BROKEN, without })).toMatchObject({ kind: 'failed' });
  });
});

describe('the line about a mutant', () => {
  test('says at which seed it was caught, and by what', () => {
    const end = { kind: 'caught', seed: 3, by: 'I1', unexpected: false } as const;
    expect(huntLine({ number: 7, all: 43, mutant, end, ms: 2_100 })).toBe(
      '   7/43  caught    seed   3  I1        2.1 s  a write is lost',
    );
  });

  test('says when something else caught it than was expected', () => {
    const end = { kind: 'caught', seed: 3, by: 'L1', unexpected: true } as const;
    expect(huntLine({ number: 7, all: 43, mutant, end, ms: 2_100 })).toMatch(
      / {2}L1 .*a write is lost {2}\(expected: I1\)$/,
    );
  });

  test('says loudly when it was not', () => {
    const end = { kind: 'survived', why: 'not in 60 seeds' } as const;
    expect(huntLine({ number: 7, all: 43, mutant, end, ms: 90_000 })).toBe(
      '   7/43  SURVIVED                     90.0 s  a write is lost  (not in 60 seeds)',
    );
  });
});
