/**
 * What every `Comparisons` (src/ports/comparisons.ts) does, whether the other node's records lie in this
 * process or behind a network: what differs is found, and nothing else, and the failures are the same.
 */
import { Buffer } from 'node:buffer';
import { describe, expect, test, vi } from 'vitest';
import { nodeName, type Partition, partition } from '../../src/base/ids.ts';
import { type KeyPlace, PARTITIONS, placeKey, SEGMENTS } from '../../src/core/ring/placement.ts';
import {
  type Comparisons,
  DIGESTS_MAX,
  LEAF_LEVEL,
  LISTED_MAX,
  NODE_BYTES,
  PARTITION_SUM_BYTES,
  RECORDS_BYTES_MAX,
  RECORDS_MAX,
  SEGMENTS_MAX,
  type SegmentDigests,
  TREES_MAX,
  type TreeIndexes,
  type TreeNodes,
} from '../../src/ports/comparisons.ts';
import { type Failure, type Located, ReplicaFailed } from '../../src/ports/replica.ts';
import { dataKey } from '../../src/replica/layout.ts';
import { systemClock } from '../../src/system/clock.ts';
import { callWithin, fakeComparisons } from '../rpc/peer-support.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { openOn } from '../support/open-replica.ts';
import { sampleRecord } from '../support/samples.ts';

const ALL = Array.from({ length: PARTITIONS }, (_, index) => partition(index));
const PLACES = Array.from({ length: 300 }, (_, i) => placeKey({ bucket: 'carts', key: `k${i}` }));
const [HERE, THERE, BOTH, BESIDE] = PLACES as [KeyPlace, KeyPlace, KeyPlace, KeyPlace];
const located = (place: KeyPlace, value = 'bread') => ({
  place,
  record: sampleRecord(place, Buffer.from(`\0${value}`)),
});
const call = () => callWithin(30_000);
const open = (name: string) => openOn(new MemoryStore(), { name: nodeName(name), clock: systemClock });

/** @param reach comparisons by which those given are reached */
export function comparisonsContract(name: string, reach: (far: Comparisons) => Promise<Comparisons>): void {
  /** Two nodes with the same records but for these, and what the one may ask of the other. */
  async function pair(mine: readonly Located[] = [], theirs: readonly Located[] = []) {
    const [near, far] = [await open('n1'), await open('n2')];
    const same = PLACES.filter(place => ![...mine, ...theirs].some(other => other.place === place));
    await near.replica.applyAll([...same.map(place => located(place)), ...mine]);
    await far.replica.applyAll([...same.map(place => located(place)), ...theirs]);
    return { near, far, asked: await reach(far.comparing) };
  }

  type Pair = Awaited<ReturnType<typeof pair>>;

  function nodesOf({ near, asked }: Pair, at: TreeIndexes) {
    return near.digests.nodes(at).then(mine => asked.nodes([mine], call()));
  }

  /** The segments of a partition that differ, found from its root. */
  async function descend(between: Pair, of: Partition): Promise<readonly number[]> {
    let found: readonly number[] = [0];
    for (let level = 1; level <= LEAF_LEVEL; level++) {
      const indexes = found.flatMap(index => [2 * index, 2 * index + 1]);
      const [tree] = await nodesOf(between, { partition: of, level, indexes });
      found = tree?.nodes.map(({ index }) => index) ?? [];
    }
    return found;
  }

  describe(name, () => {
    test('of two nodes that hold the same nothing differs', async () => {
      const { near, asked } = await pair();
      expect(await asked.sums(near.digests.sums(ALL), call())).toEqual({ differing: [], recovering: [] });
      const mine = await near.digests.nodes({ partition: HERE.partition, level: 3, indexes: [0, 5, 7] });
      expect(await asked.nodes([mine], call())).toEqual([]);
      const [listed] = await near.digests.list([HERE]);
      const digests = listed!.map(({ digest }) => digest);
      expect(await asked.keys([{ ...placeOf(HERE), digests }], call())).toEqual([
        { others: [], lacking: [] },
      ]);
    });

    test('what is only here, only there, or another there, is found from the sums down to the records', async () => {
      const other = located(BOTH, 'other');
      const between = await pair([located(HERE), located(BOTH)], [located(THERE), other]);
      const { near, asked } = between;
      const { differing } = await asked.sums(near.digests.sums(ALL), call());
      expect(differing.map(({ partition }) => partition).toSorted((a, b) => a - b)).toEqual(
        partitionsOf([HERE, THERE, BOTH]),
      );
      for (const place of [HERE, THERE, BOTH])
        expect(await descend(between, place.partition)).toEqual([place.segment]);
      const ask = async (place: KeyPlace) => {
        const [listed] = await near.digests.list([place]);
        const digests = listed!.map(({ digest }) => digest);
        return (await asked.keys([{ ...placeOf(place), digests }], call()))[0];
      };
      expect(await ask(HERE)).toEqual({ others: [], lacking: [0] });
      expect(await ask(THERE)).toMatchObject({ others: [{ place: { key: THERE.key } }], lacking: [] });
      expect(await ask(BOTH)).toMatchObject({ others: [{ place: { key: BOTH.key } }], lacking: [0] });
      const found = await asked.records([HERE, THERE, BOTH, BESIDE], call());
      expect(found).toEqual([undefined, located(THERE), other, located(BESIDE)]);
    });

    test('a write that is on its way to the disk is no difference yet', async () => {
      const { near, far, asked } = await pair();
      far.store.holdWrites();
      const place = placeKey({ bucket: 'carts', key: 'new' });
      const stored = far.replica.applyAll([located(place)]);
      expect(await asked.sums(near.digests.sums(ALL), call())).toMatchObject({ differing: [] });
      far.store.releaseWrites();
      await stored;
      expect(await asked.sums(near.digests.sums(ALL), call())).toMatchObject({
        differing: [{ partition: place.partition, isBusy: false }],
      });
    });

    test('what was compared before is not remembered: each answer is as things are', async () => {
      const between = await pair();
      expect(await descend(between, HERE.partition)).toEqual([]);
      await between.far.replica.applyAll([located(HERE, 'new')]);
      expect(await descend(between, HERE.partition)).toEqual([HERE.segment]);
      await between.near.replica.applyAll([located(HERE, 'new')]);
      expect(await descend(between, HERE.partition)).toEqual([]);
    });

    test('a segment in doubt differs from any other node, also from one that doubts it too', async () => {
      const between = await pair();
      const { near, far, asked } = between;
      for (const node of [far, near]) {
        node.segments.doubt(HERE);
        expect(await asked.sums(near.digests.sums(ALL), call())).toMatchObject({
          differing: [{ partition: HERE.partition }],
        });
        expect(await descend(between, HERE.partition)).toEqual([HERE.segment]);
      }
    });

    test('a partition that is being filled there is named, and not compared', async () => {
      const { near, far, asked } = await pair([located(HERE)]);
      await far.recovering.markAll();
      const compared = [HERE.partition, THERE.partition];
      expect(await asked.sums(near.digests.sums(compared), call())).toEqual({
        differing: [],
        recovering: compared,
      });
    });

    test('a record that is damaged there is not told of, and given as nothing', async () => {
      const { far, asked } = await pair();
      far.store.flipBit(dataKey(HERE), 8 * 60);
      expect(await asked.keys([{ ...placeOf(HERE), digests: [] }], call())).toEqual([
        { others: [], lacking: [] },
      ]);
      expect(await asked.records([HERE, BESIDE], call())).toEqual([undefined, located(BESIDE)]);
      expect(far.damaged).toContain(HERE.key);
    });

    test('keys and records are answered in parts: the first of what was asked, one at least', async () => {
      const { far, asked } = await pair();
      const large = PLACES.slice(0, 3);
      await far.replica.applyAll(large.map(place => located(place, 'x'.repeat(RECORDS_BYTES_MAX))));
      const found = await asked.records(large, call());
      expect(found.map(record => record?.place.key)).toEqual([HERE.key]);
      const many = Array.from({ length: LISTED_MAX + 1 }, () => listed(BESIDE));
      const list = vi.spyOn(far.replica, 'list').mockImplementation(async places => places.map(() => many));
      const segments = [placeOf(BESIDE), placeOf(HERE)].map(place => ({ ...place, digests: [] }));
      const answer = await asked.keys(segments, call());
      expect(answer.map(({ others }) => others.length)).toEqual([LISTED_MAX]);
      list.mockRestore();
    });

    test('as much as may be asked at once arrives whole, and so does the answer', async () => {
      const [sums, nodes] = [vi.fn(async () => EVERYTHING.sumsReply), vi.fn(async () => EVERYTHING.trees)];
      const [keys, records] = [
        vi.fn(async () => EVERYTHING.differences),
        vi.fn(async () => EVERYTHING.records),
      ];
      const asked = await reach({ sums, nodes, keys, records });
      expect(await asked.sums(EVERYTHING.sums, call())).toEqual(EVERYTHING.sumsReply);
      expect(sums).toHaveBeenCalledExactlyOnceWith(EVERYTHING.sums, expect.anything());
      expect(await asked.nodes(EVERYTHING.trees, call())).toEqual(EVERYTHING.trees);
      expect(nodes).toHaveBeenCalledExactlyOnceWith(EVERYTHING.trees, expect.anything());
      expect(await asked.keys(EVERYTHING.segments, call())).toEqual(EVERYTHING.differences);
      const [[segments]] = keys.mock.calls as unknown as [[readonly SegmentDigests[]]];
      expect(segments.map(together)).toEqual(EVERYTHING.segments.map(together));
      expect(await asked.records(EVERYTHING.places, call())).toEqual(EVERYTHING.records);
      expect(records).toHaveBeenCalledExactlyOnceWith(EVERYTHING.places, expect.anything());
    });

    test.each<Failure>(['refused', 'lost', 'not sent', 'overloaded'])(
      'what failed as "%s" fails so, in its own words',
      async failure => {
        const fail = () => Promise.reject(new ReplicaFailed(failure, 'the store cannot be read'));
        const asked = await reach(fakeComparisons({ sums: fail, nodes: fail, keys: fail, records: fail }));
        const same = { name: 'ReplicaFailed', failure, message: 'the store cannot be read' };
        await expect(asked.sums([], call())).rejects.toMatchObject(same);
        await expect(asked.nodes([], call())).rejects.toMatchObject(same);
        await expect(asked.keys([], call())).rejects.toMatchObject(same);
        await expect(asked.records([], call())).rejects.toMatchObject(same);
      },
    );
  });
}

/** The most of all that goes in one message. */
const EVERYTHING = (() => {
  const sums = ALL.map(index => ({ partition: index, sum: Buffer.alloc(PARTITION_SUM_BYTES, index) }));
  const nodes = Array.from({ length: SEGMENTS }, (_, i) => ({ index: i, hash: Buffer.alloc(NODE_BYTES, i) }));
  const trees: readonly TreeNodes[] = ALL.slice(0, TREES_MAX).map(of => ({
    partition: of,
    level: LEAF_LEVEL,
    nodes,
  }));
  const places = PLACES.slice(0, SEGMENTS_MAX);
  const each = DIGESTS_MAX / SEGMENTS_MAX;
  const digests = Array.from({ length: each }, (_, i) => Buffer.alloc(16, i));
  const segments = places.map(place => ({ ...placeOf(place), digests }));
  const differences = places.map(place => ({
    others: Array.from({ length: LISTED_MAX / SEGMENTS_MAX }, () => listed(place)),
    lacking: [...digests.keys()],
  }));
  return {
    sums,
    sumsReply: {
      differing: ALL.slice(0, 200).map(index => ({ partition: index, rows: index, isBusy: index % 3 === 0 })),
      recovering: ALL.slice(200),
    },
    trees,
    segments,
    differences,
    places: PLACES.slice(0, RECORDS_MAX),
    records: PLACES.slice(0, RECORDS_MAX).map((place, i) => (i % 2 === 0 ? located(place) : undefined)),
  };
})();

function placeOf({ partition, segment }: KeyPlace) {
  return { partition, segment };
}

/** Compared one by one, 64 000 digests take seconds. */
function together({ digests, ...place }: SegmentDigests) {
  return { ...place, digests: Buffer.concat(digests).toString('hex') };
}

function listed(place: KeyPlace) {
  return { place, digest: Buffer.alloc(16, 7) };
}

function partitionsOf(places: readonly KeyPlace[]): readonly Partition[] {
  return places.map(place => place.partition).toSorted((a, b) => a - b);
}
