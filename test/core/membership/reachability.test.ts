import { expect, it } from 'vitest';
import {
  afterAnswer,
  afterFailure,
  afterHearing,
  afterSilence,
  answersUs,
  type Contact,
  NO_CONTACT,
} from '../../../src/core/membership/reachability.ts';

const answered = afterAnswer(1_000);

it.each<[string, Contact, boolean]>([
  ['never spoke', NO_CONTACT, false],
  ['spoke, but never answered: it may not hear us', afterHearing(NO_CONTACT, 1_000), false],
  ['answered', answered, true],
  ['could not be sent to', afterFailure(answered, 'not sent'), false],
  ['could not be sent to, and speaks', afterHearing(afterFailure(answered, 'not sent'), 2_000), false],
  ['lost an answer, which proves nothing', afterFailure(answered, 'lost'), true],
  ['refused, so it lives', afterFailure(answered, 'refused'), true],
  ['has too much to do, so it lives', afterFailure(answered, 'overloaded'), true],
  [
    'lost an answer after it could not be sent to',
    afterFailure(afterFailure(answered, 'not sent'), 'lost'),
    false,
  ],
  ['owes a sign of life', afterSilence(answered), false],
  [
    'owes a sign of life, and speaks: its way to us is open, ours to it may not be',
    afterHearing(afterSilence(answered), 2_000),
    false,
  ],
  ['answered again', afterAnswer(2_000), true],
])('a node that %s', (_, contact, answers) => {
  expect(answersUs(contact)).toBe(answers);
});
