import { expect, it } from 'vitest';
import {
  afterFailure,
  afterHearing,
  type Contact,
  isReachable,
  NO_CONTACT,
  SILENCE_MS_MAX,
} from '../../../src/core/membership/reachability.ts';

const heard = afterHearing(1_000);

it.each<[string, Contact, number, boolean]>([
  ['was never heard', NO_CONTACT, 1_000, false],
  ['was heard just now', heard, 1_000, true],
  ['was silent for as long as may be', heard, 1_000 + SILENCE_MS_MAX, true],
  ['was silent for longer', heard, 1_001 + SILENCE_MS_MAX, false],
  ['could not be sent to', afterFailure(heard, 'not sent'), 1_000, false],
  ['lost an answer, which proves nothing', afterFailure(heard, 'lost'), 1_000, true],
  ['refused, so it lives', afterFailure(heard, 'refused'), 1_000, true],
  [
    'lost an answer after it could not be sent to',
    afterFailure(afterFailure(heard, 'not sent'), 'lost'),
    1_000,
    false,
  ],
  ['was heard again', afterHearing(2_000), 2_000, true],
])('a node that %s', (_, contact, now, reachable) => {
  expect(isReachable(contact, now)).toBe(reachable);
});
