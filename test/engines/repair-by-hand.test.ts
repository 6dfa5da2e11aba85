import { expect, test } from 'vitest';
import { nodeName } from '../../src/base/ids.ts';
import type { NodeState } from '../../src/ports/overview.ts';
import { RepairsByHand } from '../../src/repair/by-hand.ts';

function repairsIn(state: NodeState) {
  let asked = 0;
  const repairNow = () => {
    asked += 1;
    return asked;
  };
  const repairs = new RepairsByHand({ self: nodeName('n1'), state: () => state, repairNow });
  return { repairs, asked: () => asked };
}

test('a node that serves takes each request, and numbers it', () => {
  const { repairs } = repairsIn('serving');
  expect(repairs.repairNow()).toEqual({ node: 'n1', asked: 1 });
  expect(repairs.repairNow()).toEqual({ node: 'n1', asked: 2 });
});

test.each([
  ['waiting', 'NOT_READY'],
  ['draining', 'DRAINING'],
  ['storage-faulted', 'STORAGE_FAULTED'],
] as const)('a node that is %s refuses with %s, and nothing is begun', (state, reason) => {
  const { repairs, asked } = repairsIn(state);
  expect(() => repairs.repairNow()).toThrow(expect.objectContaining({ reason, outcome: 'not applied' }));
  expect(asked()).toBe(0);
});
