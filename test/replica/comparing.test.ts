/** What is not in the contract of comparisons, since only this side of a link can see it. */
import { Buffer } from 'node:buffer';
import { expect, test, vi } from 'vitest';
import { placeKey } from '../../src/core/ring/placement.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { openOn } from '../support/open-replica.ts';

const { partition, segment } = placeKey({ bucket: 'carts', key: 'ann' });
const TREE = { partition, level: 0, nodes: [{ index: 0, hash: Buffer.alloc(8) }] };
const SEGMENT = { partition, segment, digests: [] };

test.each([
  ['has been given up', { cancelled: true, deadline: Number.POSITIVE_INFINITY }],
  ['is past its deadline', { cancelled: false, deadline: 0 }],
])('a question that %s is not gone on with: no tree is built, no segment read', async (_, call) => {
  const { comparing, store, clock } = await openOn(new MemoryStore());
  const scan = vi.spyOn(store, 'scan');
  await expect(comparing.nodes([TREE], call)).rejects.toMatchObject({ failure: 'refused' });
  await expect(comparing.keys([SEGMENT], call)).rejects.toMatchObject({ failure: 'refused' });
  expect(scan).not.toHaveBeenCalled();
  expect(clock.pending).toBe(0);
});

test('this node counts its own rows, but for those in doubt', async () => {
  const { digests, segments } = await openOn(new MemoryStore());
  const count = (rows: number) => {
    for (let i = 0; i < rows; i++)
      segments.change({ partition, segment, before: undefined, after: Buffer.alloc(16, i) });
    segments.close();
    segments.committed();
  };
  expect(digests.rows(partition)).toBe(0);
  count(3);
  expect(digests.rows(partition)).toBe(3);
  segments.doubt({ partition, segment });
  expect(digests.rows(partition)).toBe(0);
});
