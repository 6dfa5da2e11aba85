/** What is done when an attempt has failed. */
import { describe, expect, test } from 'vitest';
import { type Failed, nextStep } from '../../src/client/next-step.ts';
import { ROUNDS_MAX } from '../../src/client/retry.ts';
import { fails } from './support/scripted-line.ts';

const FAILED: Failed = {
  failure: fails('UNREACHABLE'),
  repeatable: true,
  other: 'none',
  attempts: 1,
  nodes: 3,
  leftMs: 1000,
  closedMs: 0,
  fraction: 0,
};
const DOUBTFUL = fails('OUTCOME_UNKNOWN', { outcome: 'unknown' });

describe('after a failed attempt', () => {
  test.each<[string, Partial<Failed>, ReturnType<typeof nextStep>]>([
    ['a node that was not asked yet is asked at once', {}, 0],
    ['with all of them asked there is a pause', { attempts: 3 }, 25],
    ['nobody is asked before it wants to be', { closedMs: 200 }, 200],
    ['nor is there a pause that the time is too short for', { closedMs: 200, leftMs: 200 }, 'give up'],
    ['the other of two may still answer', { other: 'under way' }, 'other'],
    ['unless it is silent to all: then a third is asked', { other: 'silent' }, 0],
    [
      'and when there is none, it is still waited for',
      { other: 'silent', attempts: ROUNDS_MAX * 3 },
      'other',
    ],
    ['as long as there is time', { other: 'silent', closedMs: 1000 }, 'other'],
    [
      'but not what the request itself is to blame for',
      { failure: fails('BAD_KEY'), other: 'under way' },
      'give up',
    ],
    ['what may have been applied is repeated if it is the same the second time', { failure: DOUBTFUL }, 0],
    ['and is not if it is another', { failure: DOUBTFUL, repeatable: false }, 'give up'],
    ['what was not applied is, whatever it is', { repeatable: false }, 0],
    ['enough is enough', { attempts: ROUNDS_MAX * 3 }, 'give up'],
    ['a node can forbid it', { failure: fails('OVERLOADED', { pushbackMs: -1 }) }, 'give up'],
  ])('%s', (_, more, step) => {
    expect(nextStep({ ...FAILED, ...more })).toBe(step);
  });
});
