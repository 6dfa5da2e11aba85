/** What says that a node tells of its digests what its disk does not bear out: a node that is asked here. */
import { describe, expect, test } from 'vitest';
import { NOTHING, put, type Record } from '../../../src/core/record/record.ts';
import type { Node } from '../../../src/node.ts';
import type { Comparisons } from '../../../src/ports/comparisons.ts';
import { Digests } from './digests.ts';
import { Scene } from './scene.ts';

const BLIND = { vector: [], writes: [] };

/** Of a node that finds nothing but what a test has it find. */
function answers(found: Partial<Comparisons>): Comparisons {
  return {
    sums: async () => ({ differing: [], recovering: [] }),
    nodes: async () => [],
    keys: async mine => mine.map(() => ({ others: [], lacking: [] })),
    records: async () => [],
    ...found,
  };
}

/** One row at n1, n2 and n3, who all answer so. */
class Told extends Scene {
  readonly record: Record;
  readonly #comparisons: Comparisons;

  constructor(found: Partial<Comparisons> = {}) {
    super();
    this.#comparisons = answers(found);
    this.record = put(NOTHING, { seen: BLIND, write: this.newWrite() });
    for (const node of this.nodes) this.store(node, this.record);
  }

  override running(): Node {
    return { comparisons: () => this.#comparisons } as unknown as Node;
  }
}

describe('a node that tells of its digests', () => {
  test('what its disk bears out is believed', async () => {
    await new Digests(new Told()).converged();
  });

  test.each<[string, Partial<Comparisons>]>([
    [
      'a sum',
      {
        sums: async ([one]) => ({
          differing: [{ partition: one!.partition, rows: 1, isBusy: false }],
          recovering: [],
        }),
      },
    ],
    ['a tree', { nodes: async mine => mine }],
    ['keys', { keys: async mine => mine.map(() => ({ others: [], lacking: [0] })) }],
  ])('%s that is another one is caught', async (what, found) => {
    await expect(new Digests(new Told(found)).converged()).rejects.toThrow(what);
  });

  test('is asked for a sum of all its rows, and for none', async () => {
    const asked: string[] = [];
    const scene = new Told({
      sums: async ([one]) => {
        asked.push(Buffer.from(one!.sum).toString('hex'));
        return { differing: [], recovering: [] };
      },
    });
    await new Digests(scene).converged();
    expect(new Set(asked).size).toBe(1);
    scene.wipe('n2');
    await new Digests(scene).converged();
    expect(new Set(asked).size).toBe(2);
    expect(asked).toContain('00'.repeat(20));
  });

  test('is not asked while it fills the partition', async () => {
    const scene = new Told({ nodes: async mine => mine });
    for (const node of scene.nodes) scene.filling.add(node);
    await new Digests(scene).converged();
  });
});
