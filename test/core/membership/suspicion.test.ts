/** How long a member stays suspect: the table of the header, and that no agreement makes it longer. */
import { expect, it, test } from 'vitest';
import { SUSPICION_MS_MAX, SUSPICION_MS_MIN, suspicionMs } from '../../../src/core/membership/suspicion.ts';

it.each([
  { suspecters: 1, possible: 3, ms: 3_000 },
  { suspecters: 2, possible: 3, ms: 1_864 },
  { suspecters: 3, possible: 3, ms: 1_200 },
  { suspecters: 3, possible: 63, ms: 1_200 },
  { suspecters: 1, possible: 2, ms: 3_000 },
  { suspecters: 2, possible: 2, ms: 1_200 },
  { suspecters: 3, possible: 2, ms: 1_200 },
  { suspecters: 1, possible: 1, ms: 2_000 },
  { suspecters: 3, possible: 1, ms: 2_000 },
  { suspecters: 0, possible: 3, ms: 3_000 },
])('$suspecters of $possible suspect it: $ms ms', ({ ms, ...confirmations }) => {
  expect(Math.round(suspicionMs(confirmations))).toBe(ms);
});

test('who agrees makes it no longer, and it stays between the two bounds', () => {
  for (let possible = 1; possible <= 8; possible++)
    for (let suspecters = 0; suspecters <= 8; suspecters++) {
      const ms = suspicionMs({ suspecters, possible });
      expect(ms).toBeGreaterThanOrEqual(SUSPICION_MS_MIN);
      expect(ms).toBeLessThanOrEqual(SUSPICION_MS_MAX);
      expect(suspicionMs({ suspecters: suspecters + 1, possible })).toBeLessThanOrEqual(ms);
    }
});
