/** Which owner a partition is gone through with, so that two are not asked for the same. */
import { expect, it } from 'vitest';
import { nodeName, type Partition } from '../../src/base/ids.ts';
import { Claims } from '../../src/repair/claims.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const [ONE, OTHER] = [nodeName('n1'), nodeName('n2')];
const P = [3, 4, 5] as readonly number[] as readonly Partition[];

it('who is second gets what the first has left, and all of it once that one has done', () => {
  const claims = new Claims(new VirtualClock());
  expect(claims.take(P.slice(0, 2), ONE)).toEqual([3, 4]);
  expect(claims.take(P, OTHER)).toEqual([5]);
  expect(claims.take(P, ONE)).toEqual([3, 4]);
  claims.release(ONE);
  expect(claims.take(P, OTHER)).toEqual(P);
});

it('what one holds is not given back by another', () => {
  const claims = new Claims(new VirtualClock());
  claims.take(P, ONE);
  claims.release(OTHER);
  expect(claims.take(P, OTHER)).toEqual([]);
});

it('who takes too long keeps nobody from it', async () => {
  const clock = new VirtualClock();
  const claims = new Claims(clock);
  claims.take(P, ONE);
  await clock.pass(9_999);
  expect(claims.take(P, OTHER)).toEqual([]);
  await clock.pass(1);
  expect(claims.take(P, OTHER)).toEqual(P);
});
