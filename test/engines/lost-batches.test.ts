/** A disk that lost a batch from the middle of its log, and not a later one with the sum of its segment. */
import { describe, expect, it } from 'vitest';
import { partition, segment } from '../../src/base/ids.ts';
import type { SegmentPlace } from '../../src/ports/comparisons.ts';
import type { Scrubbed } from '../../src/ports/scrubbing.ts';
import { StoreFailed } from '../../src/ports/store.ts';
import type { Lane } from '../../src/repair/lane.ts';
import { Verification } from '../../src/repair/verification.ts';
import { dataKey, indexKey, trailRange } from '../../src/replica/layout.ts';
import { TestCluster } from '../support/cluster.ts';
import { texts } from '../support/cluster-client.ts';
import { TestKey, wrongSums } from '../support/cluster-disks.ts';

const ALONE = { without: new Set(['read-repair', 'hints', 'anti-entropy'] as const) };

/** n1 and n2 have acknowledged it, and n1 has lost it; of that its sums say nothing. */
async function lostByN1() {
  const cluster = await TestCluster.serving(3, ALONE);
  const key = new TestKey(cluster);
  cluster.cut('n1', 'n3');
  await key.put('n1', 'v', { w: 2, strict: true });
  cluster.stop('n1');
  const { store } = cluster.seat('n1').disk;
  const trail = await store.scan({ ...trailRange(), limit: 1_000 });
  for (const lost of [trail.at(-2)!.key, dataKey(key.place), indexKey(key.place)]) store.lose(lost);
  cluster.heal();
  return { cluster, key };
}

const isRecovered = (cluster: TestCluster, name: string) =>
  cluster.node(name).overview.status().recoveringPartitions === 0;

it('is not taken for whole because its sums outlived its rows (I5)', async () => {
  const { cluster, key } = await lostByN1();
  await cluster.restart('n1');
  await cluster.until(() => isRecovered(cluster, 'n1'), 'n1 has recovered');
  cluster.stop('n2');
  await cluster.knownDown('n2');
  expect(texts(await key.get('n3', { strict: true }))).toEqual(['v']);
  expect(await wrongSums(cluster, 'n1')).toEqual([]);
});

describe('the sums of a partition', () => {
  const NEXT = { partition: partition(8), segment: segment(0) };
  const AT = { partition: partition(7), segment: segment(500) };

  function verification(steps: readonly Partial<Scrubbed>[]) {
    const begun: SegmentPlace[] = [];
    const step = async (from: SegmentPlace): Promise<Scrubbed> => {
      const done = steps[begun.length];
      begun.push(from);
      if (done === undefined) throw new StoreFailed('the disk of this test cannot be read');
      return { rows: 1, bytes: 1, busy: 0, next: NEXT, ...done };
    };
    return { begun, sums: new Verification({ step }) };
  }

  const AT_ONCE: Pick<Lane, 'turn'> = { turn: work => work({ deadline: 0, cancelled: false }) };

  it('are verified to their end, and once', async () => {
    const { begun, sums } = verification([{ next: AT }, {}]);
    expect(await sums.of(partition(7), AT_ONCE)).toBe(true);
    expect(await sums.of(partition(7), AT_ONCE)).toBe(true);
    expect(begun).toEqual([{ partition: 7, segment: 0 }, AT]);
  });

  it('are not believed while there are writes all the while, and verified when there are none', async () => {
    const { sums } = verification([{ next: AT, busy: 1 }, {}]);
    expect(await sums.of(partition(7), AT_ONCE)).toBe(false);
    expect(await sums.of(partition(7), AT_ONCE)).toBe(true);
  });

  it('are not believed where the disk cannot be read', async () => {
    expect(await verification([{ next: AT }]).sums.of(partition(7), AT_ONCE)).toBe(false);
  });
});
