/** When waiting is a burst, and when it is a state (TRAPS O1, O4). */
import { expect, test } from 'vitest';
import {
  INTERVAL_MS,
  NEVER_STOOD,
  observe,
  PATIENCE_MS,
  patienceMs,
  type Standing,
  TARGET_MS,
} from '../../../src/core/overload/standing-queue.ts';

/** What is oldest is looked at every 10 ms. */
function seen(...oldestMs: readonly number[]): Standing {
  return oldestMs.reduce<Standing>(
    (standing, ms, index) => observe(standing, { oldestMs: ms, now: 1000 + index * 10 }),
    NEVER_STOOD,
  );
}

const LATE = TARGET_MS + 1;
const during = (ms: number, oldestMs: number) => Array.from({ length: ms / 10 }, () => oldestMs);

test.each<[string, readonly number[], boolean]>([
  ['nothing waits', during(300, 0), false],
  ['all of it waits just as long as it may', during(300, TARGET_MS), false],
  ['it is late for less than an interval', during(INTERVAL_MS - 10, LATE), false],
  ['it is late for a whole interval and a look', during(INTERVAL_MS + 10, LATE), true],
  ['it was in time once in each interval', [...during(90, LATE), 0, ...during(90, LATE), 0, LATE], false],
  ['it stood, and was empty for a moment of this interval', [...during(110, LATE), 0], true],
  [
    'it stood, and was empty for a moment of the interval before',
    [...during(150, LATE), 0, ...during(60, LATE)],
    false,
  ],
])('%s', (_, oldestMs, stands) => {
  expect(seen(...oldestMs).stands).toBe(stands);
});

test('in a queue that stands less is waited for than in a burst', () => {
  expect(patienceMs(seen(0))).toBe(PATIENCE_MS.burst);
  expect(patienceMs(seen(...during(200, LATE)))).toBe(PATIENCE_MS.standing);
  expect(PATIENCE_MS.standing).toBeLessThan(PATIENCE_MS.burst);
  // Or whatever is let in late would be refused before anybody knew that it was a state.
  expect(PATIENCE_MS.standing).toBeGreaterThan(TARGET_MS);
});
