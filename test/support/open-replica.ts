/** One node's replica on a store of a test, with nothing around it: no ring, no peers. */
import { nodeName } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { type KeyPlace, placeKey } from '../../src/core/ring/placement.ts';
import { type OpeningPorts, openReplica } from '../../src/replica/opening.ts';
import { Counters } from '../../src/system/counters.ts';
import { MemoryFile, MemoryFloor } from './memory-file.ts';
import type { MemoryStore } from './memory-store.ts';
import { KeptLog } from './quiet.ts';
import { VirtualClock } from './virtual-clock.ts';

/** With `damaged`, the keys of all rows it found damaged, and `store`, `log` and `metrics` as given. */
export async function openOn<S extends MemoryStore>(store: S, ports: Partial<OpeningPorts> = {}) {
  const damaged: string[] = [];
  const [log, metrics, clock] = [new KeptLog(), new Counters(), new VirtualClock()];
  const open = await openReplica({
    name: nodeName('n1'),
    durability: 'fsync',
    store,
    identity: new MemoryFile(),
    floor: new MemoryFloor(),
    clock,
    random: new SeededRandom(1),
    log,
    metrics,
    onDamage: place => damaged.push(place.key),
    isUnvouched: () => false,
    owns: () => true,
    onRolledBack: () => {},
    ...ports,
  });
  return { ...open, store, damaged, log, metrics, clock };
}

/** So many keys of one segment. */
export function neighbours(count: number): readonly KeyPlace[] {
  const bySegment = new Map<number, KeyPlace[]>();
  for (let i = 0; ; i++) {
    const place = placeKey({ bucket: 'b', key: `k${i}` });
    const index = place.partition * 1024 + place.segment;
    const found = [...(bySegment.get(index) ?? []), place];
    if (found.length === count) return found;
    bySegment.set(index, found);
  }
}
