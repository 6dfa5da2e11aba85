/** Notes that nobody will ever serve go, and none that only looks old because a clock was set. */
import { describe, expect, it } from 'vitest';
import { nodeName } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { PARTITIONS, placeKey } from '../../src/core/ring/placement.ts';
import { preferenceList, ring } from '../../src/core/ring/ring.ts';
import { Expiry } from '../../src/repair/expiry.ts';
import { openReplica } from '../../src/replica/opening.ts';
import { Counters } from '../../src/system/counters.ts';
import { MemoryFile, MemoryFloor } from '../support/memory-file.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { KeptLog } from '../support/quiet.ts';
import { members } from '../support/rings.ts';
import { sampleRecord } from '../support/samples.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const DAY_MS = 24 * 3_600_000;
const HOUR_MS = 3_600_000;
const [SELF, AWAY] = [nodeName('n0'), nodeName('n1')];
const RING = ring({ epoch: 1, replication: 3, partitions: PARTITIONS, members: members(5) });
const CALL = { deadline: Number.POSITIVE_INFINITY, cancelled: false };

/** Of a key of AWAY that this node owns as well, or does not. */
function placeOf({ owned }: { owned: boolean }) {
  for (let i = 0; ; i++) {
    const place = placeKey({ bucket: 'b', key: `k${i}` });
    const { primaries } = preferenceList(RING, place.partition);
    if (primaries.includes(AWAY) && primaries.includes(SELF) === owned) return place;
  }
}

async function open({ clock = new VirtualClock(), store = new MemoryStore() } = {}) {
  const [metrics, log] = [new Counters(), new KeptLog()];
  const { replica, custody, hints } = await openReplica({
    name: SELF,
    durability: 'fsync',
    store,
    identity: new MemoryFile(),
    floor: new MemoryFloor(),
    clock,
    random: new SeededRandom(1),
    log,
    metrics,
    onDamage: () => {},
    isUnvouched: () => false,
    owns: ({ partition }) => preferenceList(RING, partition).primaries.includes(SELF),
    onRolledBack: () => {},
  });
  const expiry = new Expiry({ self: SELF, holdings: custody, clock, log, metrics });
  const write = ({ owned = true } = {}) => {
    const place = placeOf({ owned });
    return replica.apply({ place, record: sampleRecord(place), standsInFor: AWAY }, CALL);
  };
  /** So much later, with a look every hour. */
  const later = async (ms: number) => {
    for (const end = clock.now() + ms; clock.now() < end; ) {
      await clock.pass(HOUR_MS);
      expiry.look();
      expiry.review({ target: AWAY, ring: RING, ended: () => false });
    }
    await clock.pass(0);
    return { notes: hints.count, dropped: metrics.snapshot().get('hint.dropped.age') ?? 0 };
  };
  return { clock, store, log, write, later };
}

describe('a note of a key that this node owns itself', () => {
  it('is dropped after a week, counted, and told of once (TRAPS H8)', async () => {
    const { write, later, log } = await open();
    await write();
    expect(await later(6 * DAY_MS)).toEqual({ notes: 1, dropped: 0 });
    expect(await later(2 * DAY_MS)).toEqual({ notes: 0, dropped: 1 });
    expect(log.lines.filter(({ event }) => event.includes('away for too long'))).toHaveLength(1);
  });

  it('is a week old only when the key has not been missed again for so long', async () => {
    const { write, later } = await open();
    await write();
    await later(6 * DAY_MS);
    await write();
    expect(await later(2 * DAY_MS)).toEqual({ notes: 1, dropped: 0 });
    expect(await later(6 * DAY_MS)).toEqual({ notes: 0, dropped: 1 });
  });

  it('is not a week old because the wall clock is set ahead', async () => {
    const { clock, write, later } = await open();
    await later(10 * DAY_MS);
    await write();
    clock.wallSetByMs = 30 * DAY_MS;
    expect(await later(DAY_MS)).toEqual({ notes: 1, dropped: 0 });
  });

  it('is not a week old because the wall clock was set back when it was written', async () => {
    const { clock, write, later } = await open();
    await later(10 * DAY_MS);
    clock.wallSetByMs = -30 * DAY_MS;
    await later(HOUR_MS);
    await write();
    clock.wallSetByMs = 0;
    expect(await later(DAY_MS)).toEqual({ notes: 1, dropped: 0 });
  });

  it('is not a week old because the wall clock was set while the node was down', async () => {
    const { clock, store, write } = await open();
    await write();
    clock.wallSetByMs = 30 * DAY_MS;
    const { later } = await open({ clock, store });
    expect(await later(DAY_MS)).toEqual({ notes: 1, dropped: 0 });
    expect(await later(7 * DAY_MS)).toEqual({ notes: 0, dropped: 1 });
  });
});

it('a note beside a record that is only here in its stead is kept, however old', async () => {
  const { write, later } = await open();
  await write({ owned: false });
  expect(await later(30 * DAY_MS)).toEqual({ notes: 1, dropped: 0 });
});
