/** What no sound peer would send is refused and counted, and what came with it is taken. */
import { expect, test, vi } from 'vitest';
import { type NodeName, nodeName } from '../../src/base/ids.ts';
import { placeKey } from '../../src/core/ring/placement.ts';
import { preferenceList } from '../../src/core/ring/ring.ts';
import type { Call } from '../../src/ports/call.ts';
import type { Located } from '../../src/ports/replica.ts';
import { GuardedReplica } from '../../src/replica/guarded.ts';
import { Counters } from '../../src/system/counters.ts';
import { fakeReplica } from '../rpc/peer-support.ts';
import { sampleCluster, sampleRecord } from '../support/samples.ts';

const { ring: OF_THREE } = sampleCluster();
/** Each partition has two owners of the three. */
const RING = { ...OF_THREE, replication: 2, primaries: OF_THREE.primaries.map(row => row.slice(0, 2)) };
const CALL: Call = { deadline: Number.POSITIVE_INFINITY, cancelled: false };
const PLACE = placeKey({ bucket: 'carts', key: 'ann' });
const { primaries, fallbacks } = preferenceList(RING, PLACE.partition);
const [FALLBACK] = fallbacks as [NodeName];

function guard(self: NodeName) {
  const metrics = new Counters();
  const apply = vi.fn(async () => ({ digest: new Uint8Array(16), vector: [], recovering: false }));
  const handOff = vi.fn(async (given: readonly Located[]) => ({ held: given.map(() => true) }));
  const replica = new GuardedReplica({
    self,
    replica: fakeReplica({ apply, handOff }),
    ring: () => RING,
    metrics,
  });
  return { replica, apply, handOff, counted: (metric: string) => metrics.snapshot().get(metric) ?? 0 };
}

test.each([
  ['a node that nobody knows', nodeName('nobody'), FALLBACK],
  ['a member that does not own the key', FALLBACK, primaries[0]!],
  ['the very node that is asked', primaries[0]!, primaries[0]!],
])(
  'an apply in the stead of %s is refused, and leaves neither row nor note',
  async (_, standsInFor, self) => {
    const { replica, apply, counted } = guard(self);
    const request = { place: PLACE, record: sampleRecord(PLACE), standsInFor };
    await expect(replica.apply(request, CALL)).rejects.toMatchObject({ failure: 'refused' });
    expect(apply).not.toHaveBeenCalled();
    expect(counted('hint.refused')).toBe(1);
  },
);

test.each([undefined, primaries[1]])('an apply in the stead of %s is taken', async standsInFor => {
  const { replica, apply } = guard(FALLBACK);
  await replica.apply({ place: PLACE, record: sampleRecord(PLACE), standsInFor }, CALL);
  expect(apply).toHaveBeenCalledOnce();
});

test('of what is handed off only what this node owns is taken', async () => {
  const { replica, handOff, counted } = guard(nodeName('n1'));
  const records = Array.from({ length: 20 }, (_, i) => {
    const place = placeKey({ bucket: 'carts', key: `k${i}` });
    return { place, record: sampleRecord(place) };
  });
  const owned = ({ place }: Located) => RING.primaries[place.partition]!.includes(nodeName('n1'));
  const { held } = await replica.handOff(records, CALL);
  expect(held).toEqual(records.map(owned));
  expect(handOff).toHaveBeenCalledExactlyOnceWith(records.filter(owned), CALL);
  expect(counted('handoff.refused')).toBe(records.filter(record => !owned(record)).length);
});

test('a batch of which nothing is owned is not even begun', async () => {
  const { replica, handOff } = guard(FALLBACK);
  const record = { place: PLACE, record: sampleRecord(PLACE) };
  expect(await replica.handOff([record], CALL)).toEqual({ held: [false] });
  expect(handOff).not.toHaveBeenCalled();
});
