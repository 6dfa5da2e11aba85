/**
 * What owners hold differently is brought together though nobody reads it and no note was left (DESIGN §7,
 * *Anti-entropy*; TRAPS A1 to A3; I11). Read repair and hints are off in all of this.
 */
import { describe, expect, it } from 'vitest';
import { equalBytes } from '../../src/base/bytes.ts';
import type { KeyPlace } from '../../src/core/ring/placement.ts';
import { StoreFailed } from '../../src/ports/store.ts';
import { dataKey, indexKey, segmentRange } from '../../src/replica/layout.ts';
import { TestCluster } from '../support/cluster.ts';
import { TestKey, wrongSums } from '../support/cluster-disks.ts';
import type { MemoryStore } from '../support/memory-store.ts';

const ALONE = { without: new Set(['read-repair', 'hints'] as const) };
const NODES = ['n1', 'n2', 'n3'];

const serving = () => TestCluster.serving(3, ALONE);

function keysOf(cluster: TestCluster, count: number): readonly TestKey[] {
  return Array.from({ length: count }, (_, i) => new TestKey(cluster, `k${i}`));
}

function twoOfOneSegment(cluster: TestCluster): readonly [TestKey, TestKey] {
  const seen = new Map<string, TestKey>();
  for (let i = 0; ; i++) {
    const key = new TestKey(cluster, `s${i}`);
    const name = `${key.place.partition}/${key.place.segment}`;
    const other = seen.get(name);
    if (other !== undefined) return [other, key];
    seen.set(name, key);
  }
}

const isSame = (key: TestKey) => {
  const digests = NODES.map(name => key.digests().get(name));
  return digests[0] !== undefined && new Set(digests).size === 1;
};

const repairing = (cluster: TestCluster, name: string) => cluster.node(name).overview.status().repair;

const allAgree = (cluster: TestCluster) =>
  NODES.every(name => repairing(cluster, name).with.every(({ agreedMs }) => agreedMs !== undefined));

/** No list of that node names the key any more. @returns what names it again */
function unname(cluster: TestCluster, node: string, { key }: TestKey): () => void {
  const { local } = cluster.node(node);
  const { list } = local;
  local.list = async places =>
    (await list.call(local, places)).map(rows => rows.filter(({ place }) => place.key !== key));
  return () => Object.assign(local, { list });
}

/** n3 misses these, and is back. */
async function missedByN3(count: number) {
  const cluster = await serving();
  const keys = keysOf(cluster, count);
  for (const key of keys) await key.put('n1', 'before', { w: 3 });
  cluster.stop('n3');
  await cluster.knownDown('n3');
  for (const key of keys) await key.put('n1', 'missed', { overwrite: true, w: 2, strict: true });
  return { cluster, keys };
}

describe('owners that differ', () => {
  it('a node that missed writes has them, without notes or reads', async () => {
    const { cluster, keys } = await missedByN3(50);
    await cluster.restart('n3');
    await cluster.until(() => keys.every(isSame), 'n3 has what it missed');
    expect(await keys[7]!.all('n3')).toEqual(['missed']);
    expect(cluster.counted('hint.written')).toBe(0);
    expect(await wrongSums(cluster, 'n3')).toEqual([]);
  });

  it('deletes are brought like writes', async () => {
    const cluster = await serving();
    const [key] = keysOf(cluster, 1) as [TestKey];
    await key.put('n1', 'v', { w: 3 });
    cluster.stop('n3');
    await cluster.knownDown('n3');
    await key.delete('n1', { w: 2 });
    await cluster.restart('n3');
    await cluster.until(() => isSame(key), 'n3 has missed nothing');
    expect(await key.all('n3')).toEqual([]);
  });

  it('both ways: what each of two has missed the other brings', async () => {
    const cluster = await serving();
    const [one, other, both] = keysOf(cluster, 3) as [TestKey, TestKey, TestKey];
    for (const [from, to] of [
      ['n1', 'n2'],
      ['n2', 'n1'],
      ['n3', 'n1'],
      ['n3', 'n2'],
      ['n1', 'n3'],
      ['n2', 'n3'],
    ])
      cluster.cut(from!, to!);
    await one.put('n1', 'of n1', { w: 1 });
    await other.put('n2', 'of n2', { w: 1 });
    await both.put('n1', 'left', { w: 1 });
    await both.put('n2', 'right', { w: 1 });
    cluster.heal();
    await cluster.until(() => [one, other, both].every(isSame), 'all have all');
    expect([...(await both.all('n3'))].sort()).toEqual(['left', 'right']);
  });

  it('a node that is stopped does not hold up the two others', async () => {
    const { cluster, keys } = await missedByN3(5);
    cluster.pause('n2');
    await cluster.restart('n3');
    const has = (key: TestKey) => key.digests().get('n3') === key.digests().get('n1');
    await cluster.until(() => keys.every(has), 'n3 has it from n1');
  });
});

describe('what all others hold', () => {
  it('is asked of one of them, and the next is found to be equal then', async () => {
    const { cluster } = await missedByN3(40);
    await cluster.restart('n3');
    const before = cluster.calls.length;
    const { asked } = cluster.node('n3').repairs.repairNow();
    await cluster.until(() => repairing(cluster, 'n3').agreed >= asked, 'it is over');
    const calls = cluster.calls.slice(before).filter(({ from }) => from === 'n3');
    const askedForKeys = calls.filter(({ what }) => what === 'keys').map(({ to }) => to);
    expect(new Set(askedForKeys).size).toBe(1);
    expect(cluster.counted('repair.fetched', 'n3')).toBe(40);
  });
});

describe('what is being brought together with one', () => {
  it('is not begun once more by another: it is told to come back', async () => {
    const { cluster, keys } = await missedByN3(40);
    await cluster.restart('n3');
    const before = cluster.calls.length;
    const n3Asks = (what: string) =>
      cluster.calls.slice(before).some(call => call.from === 'n3' && call.what === what);
    cluster.node('n3').repairs.repairNow();
    await cluster.until(() => n3Asks('nodes'), 'n3 goes through it with one of the others');
    for (const name of ['n1', 'n2']) cluster.node(name).repairs.repairNow();
    await cluster.until(() => NODES.every(name => repairing(cluster, name).agreed === 1), 'all agree');
    expect(keys.every(isSame)).toBe(true);
    const descents = cluster.calls.slice(before).filter(({ what }) => what === 'nodes');
    expect(new Set(descents.map(({ from }) => from))).toEqual(new Set(['n3']));
  });
});

describe('an idle cluster', () => {
  it('repairs nothing: two small messages a pair in ten seconds, and no more', async () => {
    const { cluster, keys } = await missedByN3(30);
    await cluster.restart('n3');
    await cluster.until(() => keys.every(isSame), 'n3 has what it missed');
    await cluster.clock.pass(30_000);
    const before = cluster.calls.length;
    const differences = cluster.counted('repair.differences');
    await cluster.clock.pass(60_000);
    const calls = cluster.calls.slice(before);
    expect(new Set(calls.map(({ what }) => what))).toEqual(new Set(['sums']));
    // Six pairs of asker and asked, a round each five to sixteen seconds.
    expect(calls.length).toBeLessThanOrEqual(6 * 12);
    expect(cluster.counted('repair.differences')).toBe(differences);
  });
});

describe('a write that is under way', () => {
  it('is no difference: it is there at the second look', async () => {
    const cluster = await serving();
    const [key] = keysOf(cluster, 1) as [TestKey];
    await cluster.until(() => allAgree(cluster), 'all agree');
    cluster.hold(({ what, to }) => what === 'apply' && to === 'n3');
    const written = key.putNow('n1', 'v', { w: 3 });
    await cluster.until(() => key.digests().size === 2, 'the two others have it');
    const seen = () => cluster.calls.filter(({ what }) => what === 'nodes').length;
    const before = seen();
    for (const name of NODES) cluster.node(name).repairs.repairNow();
    // Three questions each are the first look of n1 and n2 with n3, and of n3 with one of them.
    await cluster.until(() => seen() >= before + 9, 'the first look has found it');
    cluster.release();
    await cluster.done(written);
    await cluster.clock.pass(5_000);
    expect(cluster.counted('repair.differences')).toBe(0);
    expect(isSame(key)).toBe(true);
  });

  it('hides no real difference in its segment, however often there is another', async () => {
    const cluster = await serving();
    const [missed, busy] = twoOfOneSegment(cluster);
    cluster.stop('n3');
    await cluster.knownDown('n3');
    await missed.put('n1', 'v', { w: 2, strict: true });
    await cluster.restart('n3');
    for (let i = 0; i < 600 && !isSame(missed); i++) {
      await busy.put('n1', `${i}`, { overwrite: true, w: 3 });
      await cluster.clock.pass(50);
    }
    expect(isSame(missed)).toBe(true);
    expect(cluster.counted('repair.sent') + cluster.counted('repair.fetched')).toBeLessThanOrEqual(2);
  });
});

describe('a round that is asked for', () => {
  it('is over when every other owner agrees', async () => {
    const { cluster, keys } = await missedByN3(10);
    await cluster.restart('n3');
    const { asked } = cluster.node('n3').repairs.repairNow();
    expect(repairing(cluster, 'n3').agreed).toBeLessThan(asked);
    await cluster.until(() => repairing(cluster, 'n3').agreed >= asked, 'it is over');
    expect(keys.every(isSame)).toBe(true);
  });

  it('is not while one of them is down', async () => {
    const cluster = await serving();
    cluster.stop('n2');
    await cluster.knownDown('n2');
    const { asked } = cluster.node('n1').repairs.repairNow();
    await cluster.clock.pass(30_000);
    const { agreed, with: others } = repairing(cluster, 'n1');
    expect(agreed).toBe(0);
    expect(others).toMatchObject([
      { node: 'n2', up: false, agreedFor: 0 },
      { node: 'n3', up: true, agreedFor: asked },
    ]);
    await cluster.restart('n2');
    await cluster.until(() => repairing(cluster, 'n1').agreed >= asked, 'it is over');
  });
});

describe('a row that is in no index', () => {
  it('keeps a round that is asked for from ending before it has been found, and brought', async () => {
    const { cluster } = await missedByN3(0);
    const unnamed = new TestKey(cluster);
    await unnamed.put('n1', 'v', { w: 2, strict: true });
    const named = ['n1', 'n2'].map(name => unname(cluster, name, unnamed));
    await cluster.restart('n3');
    const { asked } = cluster.node('n3').repairs.repairNow();
    await cluster.clock.pass(2_500);
    expect(repairing(cluster, 'n3').agreed).toBeLessThan(asked);
    for (const name of named) name();
    await cluster.until(() => repairing(cluster, 'n3').agreed >= asked, 'it is over');
    expect(isSame(unnamed)).toBe(true);
  });
});

describe('a round that is asked for of a node that recovers', () => {
  it('is over soon after that, not with the next round that is due by itself', async () => {
    const { cluster } = await missedByN3(10);
    await cluster.restart('n3');
    const n3 = cluster.node('n3');
    n3.rolledBack();
    const { asked } = n3.repairs.repairNow();
    await cluster.until(() => n3.overview.status().recoveringPartitions === 0, 'n3 has recovered');
    expect(repairing(cluster, 'n3').agreed).toBeLessThan(asked);
    await cluster.clock.pass(3_000);
    expect(repairing(cluster, 'n3').agreed).toBe(asked);
  });
});

describe('what is brought and never found there', () => {
  it('is not brought all the time', async () => {
    const cluster = await serving();
    const [one, other] = twoOfOneSegment(cluster);
    for (const key of [one, other]) await key.put('n1', 'v', { w: 3 });
    cluster.seat('n1').disk.store.lose(indexKey(one.place));
    // In doubt for ever: nobody can mend it.
    for (const name of NODES) other.damage(name);
    for (const name of NODES) await other.get(name).catch(() => undefined);
    await cluster.clock.pass(60_000);
    expect(cluster.counted('repair.fetched', 'n1') + cluster.counted('repair.sent')).toBeLessThan(60);
  });
});

describe('a disk that cannot be read in one place', () => {
  async function readByN3(harm: (store: MemoryStore, place: KeyPlace) => void) {
    const { cluster, keys } = await missedByN3(30);
    await cluster.restart('n3');
    const [first] = keys.toSorted((a, b) => a.place.partition - b.place.partition);
    const { store } = cluster.seat('n3').disk;
    const { scan, get } = store;
    harm(store, first!.place);
    await cluster.clock.pass(60_000);
    Object.assign(store, { scan, get });
    return keys.filter(key => !isSame(key));
  }

  it('keeps the keys of that segment from being mended, and no others', async () => {
    const left = await readByN3((store, place) => {
      const scan = store.scan.bind(store);
      const { from: bad } = segmentRange(place);
      store.scan = range =>
        equalBytes(range.from, bad) ? Promise.reject(new StoreFailed('a block is damaged')) : scan(range);
    });
    expect(left).toHaveLength(1);
  });

  it('keeps a record that is refused there from being mended, and no others', async () => {
    const left = await readByN3((store, place) => {
      const get = store.get.bind(store);
      const bad = dataKey(place);
      store.get = key => {
        if (equalBytes(key, bad)) throw new StoreFailed('an I/O error');
        return get(key);
      };
    });
    expect(left).toHaveLength(1);
  });
});

describe('a node that recovers, and holds nearly all', () => {
  it('is sent what it lacks and not what it has', async () => {
    const { cluster, keys } = await missedByN3(5);
    const many = Array.from({ length: 200 }, (_, i) => new TestKey(cluster, `many-${i}`));
    await cluster.restart('n3');
    for (const key of many) await key.put('n1', 'v', { w: 3 });
    await cluster.until(() => keys.every(isSame), 'all hold all');
    cluster.stop('n3');
    await cluster.knownDown('n3');
    for (const key of keys) await key.put('n1', 'once more', { overwrite: true, w: 2 });
    await cluster.restart('n3');
    const before = cluster.calls.length;
    cluster.node('n3').rolledBack();
    await cluster.until(
      () => cluster.node('n3').overview.status().recoveringPartitions === 0,
      'n3 has recovered',
    );
    expect(keys.every(isSame)).toBe(true);
    expect(cluster.calls.slice(before).filter(({ what }) => what === 'scan')).toEqual([]);
    expect(cluster.counted('recovering.records', 'n3')).toBeLessThanOrEqual(keys.length);
  });

  it('reads the rows of an owner whose index does not name one of them', async () => {
    const { cluster, keys } = await missedByN3(5);
    const [unnamed] = keys as [TestKey];
    for (const name of ['n1', 'n2']) unname(cluster, name, unnamed);
    // Of a partition that holds nothing it would read the rows anyhow.
    expect(unnamed.digests().has('n3')).toBe(true);
    await cluster.restart('n3', { without: new Set(['anti-entropy']) });
    cluster.node('n3').rolledBack();
    await cluster.until(
      () => cluster.node('n3').overview.status().recoveringPartitions === 0,
      'n3 has recovered',
    );
    expect(isSame(unnamed)).toBe(true);
  });
});
