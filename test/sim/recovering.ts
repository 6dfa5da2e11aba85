/** Which partitions a node is recovering, as its disk tells (src/replica/recovering.ts). */
import { type Partition, partition } from '../../src/base/ids.ts';
import { PARTITIONS } from '../../src/core/ring/placement.ts';
import { decodeSmallRow } from '../../src/core/rows/small-row.ts';
import type { Store } from '../../src/ports/store.ts';
import { RECOVERING_KEY } from '../../src/replica/recovering.ts';

/** None if the disk cannot tell: then its node soon writes down that all are. */
export function markedIn(disk: Store): readonly Partition[] {
  const value = disk.get(RECOVERING_KEY);
  const marks = value && decodeSmallRow({ key: RECOVERING_KEY, value });
  if (marks === undefined) return [];
  return ALL.filter(index => (marks[index >> 3]! & (1 << (index & 7))) !== 0);
}

const ALL: readonly Partition[] = Array.from({ length: PARTITIONS }, (_, index) => partition(index));
