/** The short form of `make gossip`: how news spreads in O(log n) rounds, at a cost that n does not change. */
import { expect, test } from 'vitest';
import { BEAT_MS } from '../../../src/membership/detector.ts';
import { heardByOne, killed } from './changes.ts';
import { School } from './school.ts';

const IDLE_MS = 5_000;
/** Of the idle bytes of 4 nodes. Were members asked out of turn because they are many, it would be 1.5. */
const GROWTH_MAX = 1.25;
/** By whole exchanges alone, without rumours, it would be 1.7. */
const ROUNDS_PER_DOUBLING = 1.25;

test('16 nodes: all know what one has heard of in O(log n) rounds, and an idle node says no more than in a cluster of 4', async () => {
  const [few, many] = [await School.born({ seed: 4, nodes: 4 }), await School.born({ seed: 16, nodes: 16 })];
  const [fewIdle, manyIdle] = [await few.idle(IDLE_MS), await many.idle(IDLE_MS)];
  expect(manyIdle.all.bytes).toBeLessThanOrEqual(GROWTH_MAX * fewIdle.all.bytes);
  expect([manyIdle.Meet.messages, manyIdle.Probe.messages]).toEqual([0, 0]);

  const heard = await heardByOne(many, 'n03');
  expect((heard.allMs - heard.firstMs) / BEAT_MS).toBeLessThanOrEqual(ROUNDS_PER_DOUBLING * Math.log2(16));

  const { allMs } = await killed(many, 'n09');
  expect(allMs).toBeLessThanOrEqual(3_000);
  // n03 said itself that it ends.
  expect(many.counted('member.down')).toBe(2 * 15);
}, 120_000);
