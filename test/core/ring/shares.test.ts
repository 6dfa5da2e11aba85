import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fairShares } from '../../../src/core/ring/shares.ts';
import { bounds, member, fairShares as plainShares } from '../../support/rings.ts';

function floors(nodes: readonly { zone: string; weight: number }[], copies: number): readonly number[] {
  return fairShares(nodes, { partitions: 256, copies }).nodes.map(({ floor }) => floor);
}

function inZone(zone: string, ...weights: readonly number[]) {
  return weights.map(weight => ({ zone, weight }));
}

describe('the fair share of a node', () => {
  test('is in proportion to its weight', () => {
    expect(floors(inZone('a', 1, 1, 2, 4), 1)).toEqual([32, 32, 64, 128]);
  });

  test('is never more than every partition; the others take the rest', () => {
    expect(floors(inZone('a', 1000, 1, 1), 2)).toEqual([256, 128, 128]);
  });

  test('is less in a crowded zone, when each partition is in it only once', () => {
    const nodes = [...inZone('a', 1, 1, 1, 1), ...inZone('b', 1), ...inZone('c', 1)];
    expect(floors(nodes, 3)).toEqual([64, 64, 64, 64, 256, 256]);
  });

  test('is more in a small zone, when each partition must be in it', () => {
    expect(floors([...inZone('a', 1, 1, 1, 1), ...inZone('b', 1, 1)], 3)).toEqual([
      128, 128, 128, 128, 128, 128,
    ]);
    expect(floors([...inZone('a', 8, 8, 8, 8), ...inZone('b', 1, 1)], 3)).toEqual([
      128, 128, 128, 128, 128, 128,
    ]);
  });

  test('is what water rising in all of them says, at all weights and zones', () => {
    const node = fc.record({
      zone: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      weight: fc.integer({ min: 1, max: 1000 }),
    });
    const anyNodes = fc.array(node, { minLength: 1, maxLength: 30 });
    const partitions = fc.constantFrom(1, 2, 64, 256, 65_536);
    fc.assert(
      fc.property(anyNodes, partitions, fc.integer({ min: 1, max: 7 }), (nodes, partitions, n) => {
        const places = { partitions, copies: Math.min(n, nodes.length) };
        const named = nodes.map((node, i) => member(`n${i}`, node));
        const plain = plainShares(named, places);
        expect(fairShares(nodes, places).nodes).toEqual(named.map(({ name }) => bounds(plain.get(name)!)));
      }),
    );
  });
});
