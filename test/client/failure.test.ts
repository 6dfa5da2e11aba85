/** What a link says of a request that got no reply, as an error of the SDK. */
import { describe, expect, test } from 'vitest';
import { failureIn, notTaken } from '../../src/client/failure.ts';
import type { Because, Ending, Refusal } from '../../src/link/asking.ts';
import { loadMessages } from '../../src/wire/messages.ts';

const messages = loadMessages();
const [READ, WRITE] = [
  { write: false, messages },
  { write: true, messages },
];

function unanswered(kind: 'not sent' | 'lost', because: Because): Ending {
  return { kind, because, why: 'so it is' };
}

describe('a read without an answer', () => {
  test('whose stream was cut is not told that its time was up', () => {
    expect(failureIn(unanswered('lost', 'over'), READ).error.reason).toBe('UNREACHABLE');
  });

  test('whose time was up is', () => {
    expect(failureIn(unanswered('lost', 'given up'), READ).error.reason).toBe('EXPIRED');
  });

  test('which never left is told that nobody was there', () => {
    expect(failureIn(unanswered('not sent', 'never open'), READ).error.reason).toBe('UNREACHABLE');
  });
});

test.each<Because>(['over', 'given up'])('a write without an answer is in doubt: %s', because => {
  expect(failureIn(unanswered('lost', because), WRITE).error).toMatchObject({
    reason: 'OUTCOME_UNKNOWN',
    outcome: 'unknown',
  });
});

describe('what the link did not take', () => {
  test.each<[Refusal['because'], string, boolean]>([
    ['too much', 'OVERLOADED', true],
    ['too large', 'BAD_VALUE', true],
    ['given up', 'EXPIRED', true],
    ['not reachable', 'UNREACHABLE', false],
  ])('%s: %s; says nothing of the node: %s', (because, reason, local) => {
    const failure = notTaken({ because, why: 'so it is' });
    expect([failure.error.reason, failure.error.outcome, failure.local, failure.sent]).toEqual([
      reason,
      'not applied',
      local,
      false,
    ]);
  });
});
