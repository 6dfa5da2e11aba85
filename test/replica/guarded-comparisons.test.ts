/** Only what two nodes both own is compared between them; whoever asks for more is refused and counted. */
import { Buffer } from 'node:buffer';
import { describe, expect, test, vi } from 'vitest';
import { type NodeName, nodeName, type Partition } from '../../src/base/ids.ts';
import { type KeyPlace, placeKey } from '../../src/core/ring/placement.ts';
import { preferenceList, type Ring } from '../../src/core/ring/ring.ts';
import type { Call } from '../../src/ports/call.ts';
import type { SumsReply } from '../../src/ports/comparisons.ts';
import { GuardedComparisons } from '../../src/replica/guarded-comparisons.ts';
import { Counters } from '../../src/system/counters.ts';
import { fakeComparisons } from '../rpc/peer-support.ts';
import { sampleCluster } from '../support/samples.ts';

const { ring: OF_THREE } = sampleCluster();
/** Each partition has two owners of the three. */
const RING: Ring = {
  ...OF_THREE,
  replication: 2,
  primaries: OF_THREE.primaries.map(row => row.slice(0, 2)),
};
const CALL: Call = { deadline: Number.POSITIVE_INFINITY, cancelled: false };
const PLACE = placeKey({ bucket: 'carts', key: 'ann' });
const [ONE, TWO] = preferenceList(RING, PLACE.partition).primaries as [NodeName, NodeName];
const [NEITHER] = preferenceList(RING, PLACE.partition).fallbacks as [NodeName];
/** Its owners are not both of PLACE's. */
const ELSEWHERE = elsewhere();

function elsewhere(): KeyPlace {
  for (let i = 0; ; i++) {
    const place = placeKey({ bucket: 'carts', key: `k${i}` });
    const { primaries } = preferenceList(RING, place.partition);
    if (!primaries.includes(ONE) || !primaries.includes(TWO)) return place;
  }
}

interface Guarding {
  readonly self: NodeName;
  readonly asker: NodeName;
  readonly ring?: Ring | null;
  readonly busy?: readonly Partition[];
}

function guard({ self, asker, ring = RING, busy = [] }: Guarding) {
  const metrics = new Counters();
  const inside = {
    sums: vi.fn(async (): Promise<SumsReply> => ({ differing: [], recovering: [] })),
    nodes: vi.fn(async () => []),
    keys: vi.fn(async () => []),
    records: vi.fn(async () => []),
  };
  const comparisons = new GuardedComparisons({
    self,
    asker,
    comparisons: fakeComparisons(inside),
    ring: () => ring ?? undefined,
    isBusy: index => busy.includes(index),
    metrics,
  });
  const ask = {
    sums: (...places: readonly KeyPlace[]) =>
      comparisons.sums(
        places.map(({ partition }) => ({ partition, sum: Buffer.alloc(20) })),
        CALL,
      ),
    nodes: (...places: readonly KeyPlace[]) =>
      comparisons.nodes(
        places.map(({ partition }) => ({ partition, level: 0, nodes: [] })),
        CALL,
      ),
    keys: (...places: readonly KeyPlace[]) =>
      comparisons.keys(
        places.map(({ partition, segment }) => ({ partition, segment, digests: [] })),
        CALL,
      ),
    records: (...places: readonly KeyPlace[]) => comparisons.records(places, CALL),
  };
  return { ask, inside, refused: () => metrics.snapshot().get('repair.refused') ?? 0 };
}

describe.each(['sums', 'nodes', 'keys', 'records'] as const)('%s', what => {
  test.each([
    ['the one owner', ONE, TWO],
    ['the other', TWO, ONE],
  ])('are compared when %s asks', async (_, asker, self) => {
    const { ask, inside, refused } = guard({ self, asker });
    await ask[what](PLACE);
    expect(inside[what]).toHaveBeenCalledOnce();
    expect(refused()).toBe(0);
  });

  test.each([
    ['a member that does not own the partition', NEITHER, ONE],
    ['a node that nobody knows', nodeName('nobody'), ONE],
    ['an owner that asks a member which is none', ONE, NEITHER],
  ])('are refused and counted when the asker is %s', async (_, asker, self) => {
    const { ask, inside, refused } = guard({ self, asker });
    await expect(ask[what](PLACE)).rejects.toMatchObject({ name: 'ReplicaFailed', failure: 'refused' });
    expect(inside[what]).not.toHaveBeenCalled();
    expect(refused()).toBe(1);
  });

  test('are refused whole when one of those asked about is not shared', async () => {
    const { ask, inside, refused } = guard({ self: ONE, asker: TWO });
    await expect(ask[what](PLACE, ELSEWHERE)).rejects.toMatchObject({ failure: 'refused' });
    expect(inside[what]).not.toHaveBeenCalled();
    expect(refused()).toBe(1);
  });

  test('are refused before the ring is known', async () => {
    const { ask } = guard({ self: ONE, asker: TWO, ring: null });
    await expect(ask[what](PLACE)).rejects.toMatchObject({ failure: 'refused' });
  });
});

describe('what is being gone through with some node', () => {
  const sums = (busy: readonly Partition[], reply: SumsReply) => {
    const { ask, inside } = guard({ self: ONE, asker: TWO, busy });
    inside.sums.mockResolvedValue(reply);
    return ask.sums(PLACE);
  };

  const differing = { partition: PLACE.partition, rows: 7, isBusy: false };

  test('is told of, if it differs', async () => {
    const reply = await sums([PLACE.partition], { differing: [differing], recovering: [] });
    expect(reply).toEqual({ differing: [{ ...differing, isBusy: true }], recovering: [] });
    expect(await sums([], { differing: [differing], recovering: [] })).toEqual({
      differing: [differing],
      recovering: [],
    });
  });

  test('is told once, though it is being filled too', async () => {
    const reply = await sums([PLACE.partition], { differing: [], recovering: [PLACE.partition] });
    expect(reply).toEqual({ differing: [], recovering: [PLACE.partition] });
  });

  test('is equal where it is equal', async () => {
    expect(await sums([PLACE.partition], { differing: [], recovering: [] })).toEqual({
      differing: [],
      recovering: [],
    });
  });
});
