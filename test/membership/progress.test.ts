/** What is remembered of a store when one process of its name takes the place of another (TRAPS C6). */
import { expect, test } from 'vitest';
import { bootId, nodeName } from '../../src/base/ids.ts';
import { Progress, type Said } from '../../src/membership/progress.ts';

const saying = (boot: string, store: string, lastBatch: number): Said => ({
  name: nodeName('n1'),
  bootId: bootId(boot),
  store: { id: store, lastBatch },
});

/** The old process, another one elsewhere, and the old one again, as a store of which nobody has heard. */
function takenBack(): Progress {
  const progress = new Progress([]);
  progress.note(saying('old', 'a', 5));
  progress.note(saying('anew', 'b', 7));
  progress.note(saying('old', 'c', 9));
  return progress;
}

test('the late word of a process that another has followed changes nothing', () => {
  const progress = takenBack();
  const before = progress.all();
  expect(progress.note(saying('anew', 'b', 8))).toEqual({ before: 0, isNew: false });
  expect(progress.all()).toEqual(before);
});

test('a process that has taken its name back is remembered as the store that it became', () => {
  expect(takenBack().all()).toMatchObject([{ bootId: 'old', store: { id: 'c', lastBatch: 9 } }]);
});

test.each(['a', 'b'])('after that its disk is set back to store %s: that is known to be behind', store => {
  expect(takenBack().note(saying('next', store, 100)).before).toBeGreaterThan(100);
});

test('after that its disk is set back to an earlier state of that same store: its next process is told', () => {
  expect(takenBack().note(saying('next', 'c', 3)).before).toBe(9);
});
