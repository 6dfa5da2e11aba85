/**
 * "Moves as little as possible", against all tables there are (DESIGN §5). A table is allowed if it has N
 * distinct nodes for each partition (or all there are), in as many zones as possible, and each node's fair
 * share, rounded down or up. The least possible is the fewest copies at nodes that did not hold that
 * partition before, over all allowed tables: what `ring()` is not told, only held to.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Ring, type RingMember, ring } from '../../../src/core/ring/ring.ts';
import {
  bounds,
  brokenPromises,
  copiesOf,
  leastMoves,
  member,
  movedCopies,
  sharesOf,
} from '../../support/rings.ts';

/** Every choice of so many members. */
function choices(nodes: readonly RingMember[], count: number): readonly (readonly RingMember[])[] {
  if (count === 0) return [[]];
  return nodes.flatMap((node, i) => choices(nodes.slice(i + 1), count - 1).map(rest => [node, ...rest]));
}

/**
 * Partition after partition: for each way to have filled the nodes so far, the fewest moves that lead there.
 */
function leastOfAll(before: Ring, after: Ring): number {
  const zones = Math.min(copiesOf(after), new Set(after.members.map(({ zone }) => zone)).size);
  const rows = choices(after.members, copiesOf(after)).filter(
    row => new Set(row.map(({ zone }) => zone)).size === zones,
  );
  let fewest = new Map([[after.members.map(() => 0).join(), 0]]);
  for (const had of before.primaries) {
    const next = new Map<string, number>();
    for (const [filled, moves] of fewest) {
      for (const row of rows) {
        const counts = filled
          .split(',')
          .map((count, i) => Number(count) + Number(row.includes(after.members[i]!)));
        const sum = moves + row.filter(({ name }) => !had.includes(name)).length;
        next.set(counts.join(), Math.min(sum, next.get(counts.join()) ?? Number.POSITIVE_INFINITY));
      }
    }
    fewest = next;
  }
  return Math.min(...[...fewest].filter(([filled]) => isFair(filled, after)).map(([, moves]) => moves));
}

function isFair(filled: string, after: Ring): boolean {
  const counts = filled.split(',').map(Number);
  return after.members.every(({ name }, i) => {
    const { floor, ceiling } = bounds(sharesOf(after).get(name)!);
    return floor <= counts[i]! && counts[i]! <= ceiling;
  });
}

const anyNode = fc.record({ zone: fc.constantFrom('a', 'b', 'c'), weight: fc.integer({ min: 1, max: 4 }) });

/** Up to five nodes, of which some leave, join, or change zone or weight. */
const anyChange = fc.record({
  before: fc
    .array(anyNode, { minLength: 1, maxLength: 5 })
    .map(nodes => nodes.map((node, i) => member(`n${i}`, node))),
  after: fc.array(fc.option(anyNode, { freq: 3 }), { minLength: 5, maxLength: 5 }),
  partitions: fc.constantFrom(1, 2, 4),
  replication: fc.integer({ min: 1, max: 4 }),
});

describe('among all tables there are', () => {
  test('none moves less, whatever joins, leaves or changes', () => {
    fc.assert(
      fc.property(anyChange, ({ before, after, partitions, replication }) => {
        const nodes = after.flatMap((node, i) => (node ? [member(`n${i}`, node)] : []));
        fc.pre(nodes.length > 0);
        const first = ring({ members: before, partitions, replication, epoch: 1 });
        const second = ring({ members: nodes, partitions, replication, epoch: 2 }, first);
        expect(brokenPromises(second)).toEqual([]);
        expect(movedCopies(first, second)).toBe(leastOfAll(first, second));
        expect(leastMoves(first, second)).toBe(leastOfAll(first, second));
      }),
      { numRuns: 500 },
    );
  });
});
