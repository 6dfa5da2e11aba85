/** Trees are built when somebody asks and where something has changed, one a turn; a few are kept. */
import { expect, test, vi } from 'vitest';
import { nodeName, partition } from '../../src/base/ids.ts';
import { LEAF_LEVEL } from '../../src/core/merkle/nodes.ts';
import { type KeyPlace, placeKey } from '../../src/core/ring/placement.ts';
import { emptySum } from '../../src/core/rows/segment-sums.ts';
import { doubtOf, Trees } from '../../src/replica/trees.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { openOn } from '../support/open-replica.ts';
import { sampleRecord } from '../support/samples.ts';

const PLACE = placeKey({ bucket: 'carts', key: 'ann' });
const OTHER = partition((PLACE.partition + 1) % 256);

async function opened() {
  const { segments, clock, replica } = await openOn(new MemoryStore());
  const trees = new Trees({ segments, clock, doubt: doubtOf(nodeName('n1')) });
  const of = (index: typeof OTHER) => clock.done(trees.of(index));
  const put = (place: KeyPlace) => replica.applyAll([{ place, record: sampleRecord(place) }]);
  return { trees, segments, clock, of, put };
}

test('a tree is kept until something in its partition changes, and nothing elsewhere counts', async () => {
  const { of, put } = await opened();
  const [first, other] = [await of(PLACE.partition), await of(OTHER)];
  expect(await of(PLACE.partition)).toBe(first);
  await put(PLACE);
  const second = await of(PLACE.partition);
  expect(second).not.toBe(first);
  expect(second.nodesAt(0, [0])).not.toEqual(first.nodesAt(0, [0]));
  expect(await of(OTHER)).toBe(other);
});

test('a segment that comes into doubt, or out of it, is another tree', async () => {
  const { of, segments } = await opened();
  const sound = await of(PLACE.partition);
  const at = [PLACE.segment];
  segments.doubt(PLACE);
  const doubtful = await of(PLACE.partition);
  expect(doubtful.nodesAt(LEAF_LEVEL, at)).not.toEqual(sound.nodesAt(LEAF_LEVEL, at));
  // What the doubt queued is committed with the next batch; until then a count is worth nothing.
  segments.close();
  segments.committed();
  expect(segments.settle(segments.beginCount(PLACE), emptySum())).toBe(true);
  expect((await of(PLACE.partition)).nodesAt(LEAF_LEVEL, at)).toEqual(sound.nodesAt(LEAF_LEVEL, at));
});

test('sixteen are kept, and the one that was not asked for longest goes', async () => {
  const { of } = await opened();
  const first = await of(partition(0));
  const second = await of(partition(1));
  for (let index = 2; index < 16; index++) await of(partition(index));
  expect(await of(partition(0))).toBe(first);
  await of(partition(16));
  expect(await of(partition(0))).toBe(first);
  expect(await of(partition(1))).not.toBe(second);
});

test('no two are built in one turn of the loop, and two who ask for the same get the same', async () => {
  const { trees, segments, clock } = await opened();
  const sums = vi.spyOn(segments, 'sumsOf');
  const built: number[] = [];
  const turns = vi.spyOn(clock, 'after').mockImplementation((_, action) => {
    queueMicrotask(() => {
      action();
      built.push(sums.mock.calls.length);
    });
    return { cancel: () => {} };
  });
  const [a, b, same] = await Promise.all([trees.of(OTHER), trees.of(PLACE.partition), trees.of(OTHER)]);
  expect(a).not.toBe(b);
  expect(a).toBe(same);
  expect(sums).toHaveBeenCalledTimes(2);
  expect(turns).toHaveBeenCalledTimes(3);
  // As each turn begins, so many have been built: one more than in the turn before, and none for the third.
  expect(built).toEqual([0, 1, 2]);
});
