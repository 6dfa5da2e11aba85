/** The page about a failure holds all that was promised. */
import { describe, expect, test } from 'vitest';
import type { Finding } from './finding.ts';
import { aPlan, kill } from './plans.ts';
import { failurePage, replayCommand } from './report.ts';

const finding: Finding = {
  seed: 1234567,
  invariant: 'I9',
  text: 'w12 was deleted at 3.2 s and stands again at n3',
  key: 'k2',
  drawn: aPlan({ faults: [kill(1), kill(2)], outcasts: [{ node: 'n3', state: 'dead' }] }),
  smallest: aPlan({ faults: [kill(2)], safetyMs: 15_000 }),
  tries: 17,
  lines: [
    { at: 1_234.5, about: 'fault', key: undefined, text: 'n1 is killed' },
    { at: 12_000, about: 'oracle', key: 'k2', text: 'I9: w12 stands again' },
  ],
  leftOut: 0,
};

describe('the page about a failure', () => {
  const code = { name: '3f82ef5c1d', mutant: undefined };
  const page = failurePage(finding, code);

  test.each([
    [
      'the invariant by number and sentence',
      'I9 IS BROKEN: what was deleted or overwritten and acknowledged',
    ],
    ['the seed', 'seed     1234567'],
    ['the commit', 'commit   3f82ef5c1d'],
    ['what the oracle said', 'w12 was deleted at 3.2 s and stands again at n3'],
    ['the key', 'key      k2'],
    ['the cluster', '3 nodes, N = 3, fsync; 0 clients, 2 keys'],
    ['what it was cut down to', '1 of 2 faults, 0 of 1 outcasts, 15.0 of 60.0 s, found by 17 more runs'],
    ['the command that replays it', 'make sim SEED=1234567'],
    ['the log, line by line', '    1.234  fault   n1 is killed\n   12.000  oracle  I9: w12 stands again'],
  ])('says %s', (_, text) => {
    expect(page).toContain(text);
  });

  test('says how many lines it leaves out', () => {
    expect(failurePage({ ...finding, leftOut: 40 }, code)).toContain(
      'the faults and the last lines, 2 of 42',
    );
  });

  test('replays a failure of a mutant with the mutant', () => {
    expect(failurePage(finding, { ...code, mutant: 7 })).toContain('make sim SEED=1234567 MUTANT=7  ');
  });
});

test('the command that replays a seed names the mutant, if there is one', () => {
  expect(replayCommand({ seed: 5, mutant: undefined })).toBe('make sim SEED=5');
  expect(replayCommand({ seed: 5, mutant: 7 })).toBe('make sim SEED=5 MUTANT=7');
});
