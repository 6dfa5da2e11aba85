/** Comparisons at the peer port: what is refused is counted, and an answer is about what was asked. */
import { Buffer } from 'node:buffer';
import { expect, test, vi } from 'vitest';
import { partition } from '../../src/base/ids.ts';
import { placeKey } from '../../src/core/ring/placement.ts';
import { type Comparisons, RECORDS_MAX } from '../../src/ports/comparisons.ts';
import type { PeerDoorOptions } from '../../src/rpc/peer-door.ts';
import { Counters } from '../../src/system/counters.ts';
import { PLACE, STAMP, sampleRecord } from '../support/samples.ts';
import { callWithin, fakeComparisons, N2, openPeer, openRemotes } from './peer-support.ts';

const SUM = { partition: PLACE.partition, sum: Buffer.alloc(20) };
const SEGMENT = { partition: PLACE.partition, segment: PLACE.segment, digests: [] };
const TREE = { partition: PLACE.partition, level: 1, nodes: [{ index: 0, hash: Buffer.alloc(8) }] };
const ELSEWHERE = partition((PLACE.partition + 1) % 256);
const OTHER = placeKey({ bucket: 'carts', key: 'bob' });
const call = () => callWithin(30_000);

async function asked(options: Partial<PeerDoorOptions>) {
  const metrics = new Counters();
  const { address } = await openPeer({ metrics, ...options });
  const comparisons = openRemotes(() => address).remotes.comparisons(N2);
  return { comparisons, refused: () => metrics.snapshot().get('repair.refused') ?? 0 };
}

/** Each is what no sound peer asks. */
const UNSOUND: readonly (readonly [string, (asked: Comparisons) => Promise<unknown>])[] = [
  ['a sum cut short', there => there.sums([{ ...SUM, sum: Buffer.alloc(19) }], call())],
  ['two sums of one partition', there => there.sums([SUM, SUM], call())],
  [
    'a node beyond its level',
    there => there.nodes([{ ...TREE, nodes: [{ index: 2, hash: Buffer.alloc(8) }] }], call()),
  ],
  [
    'a partition that no cluster has',
    there => there.keys([{ ...SEGMENT, partition: partition(256) }], call()),
  ],
  [
    'too many keys',
    there =>
      there.records(
        Array.from({ length: RECORDS_MAX + 1 }, () => PLACE),
        call(),
      ),
  ],
];

test.each(UNSOUND)('%s is refused and counted, and nothing is looked up', async (_, ask) => {
  const { comparisons: there, refused } = await asked({});
  await expect(ask(there)).rejects.toMatchObject({ failure: 'refused', message: 'the message is malformed' });
  expect(refused()).toBe(1);
});

test('who asks under another ring is refused and counted, and nothing is looked up', async () => {
  const comparisons = vi.fn(() => fakeComparisons({}));
  const { comparisons: there, refused } = await asked({ comparisons, admit: () => 'epoch 2, and not 1' });
  await expect(there.sums([SUM], call())).rejects.toMatchObject({
    failure: 'refused',
    message: 'epoch 2, and not 1',
  });
  expect(comparisons).not.toHaveBeenCalled();
  expect(refused()).toBe(1);
});

test('it is the sender of the stamp for whom is answered', async () => {
  const comparisons = vi.fn(() => fakeComparisons({ nodes: async () => [] }));
  const { comparisons: there, refused } = await asked({ comparisons });
  expect(await there.nodes([TREE], call())).toEqual([]);
  expect(comparisons).toHaveBeenCalledExactlyOnceWith(STAMP.sender);
  expect(refused()).toBe(0);
});

/** Each is what no sound peer answers. */
const UNASKED: readonly (readonly [
  string,
  Partial<Comparisons>,
  (asked: Comparisons) => Promise<unknown>,
])[] = [
  [
    'a partition that was not asked about',
    { sums: async () => ({ differing: [{ partition: ELSEWHERE, rows: 1, isBusy: false }], recovering: [] }) },
    there => there.sums([SUM], call()),
  ],
  [
    'a tree that was not asked about',
    { nodes: async () => [{ ...TREE, partition: ELSEWHERE }] },
    there => there.nodes([TREE], call()),
  ],
  [
    'a key of another segment',
    { keys: async () => [{ others: [{ place: OTHER, digest: Buffer.alloc(16) }], lacking: [] }] },
    there => there.keys([SEGMENT], call()),
  ],
  [
    'the record of another key',
    { records: async () => [{ place: OTHER, record: sampleRecord(OTHER) }] },
    there => there.records([PLACE], call()),
  ],
  ['nothing at all', { records: async () => [] }, there => there.records([PLACE], call())],
];

test.each(UNASKED)('an answer about %s is lost', async (_, answers, ask) => {
  const { comparisons } = await asked({ comparisons: () => fakeComparisons(answers) });
  await expect(ask(comparisons)).rejects.toMatchObject({
    failure: 'lost',
    message: 'its answer is malformed',
  });
});
