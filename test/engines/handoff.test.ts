import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { nodeName } from '../../src/base/ids.ts';
import { insertion } from '../../src/coordinator/changes.ts';
import { pause } from '../../src/ports/clock.ts';
import { ReplicaFailed } from '../../src/ports/replica.ts';
import { dataKey } from '../../src/replica/layout.ts';
import { TestCluster } from '../support/cluster.ts';
import { sampleWriteId } from '../support/cluster-client.ts';
import { TestKey, wrongSums } from '../support/cluster-disks.ts';

const KEYS = 40;

/** By handoff alone: anti-entropy would bring the same things a while later. */
const handingOff = (size: number) => TestCluster.serving(size, { without: new Set(['anti-entropy']) });

/** What no read has brought together: the row as it lies on each disk. */
const isSame = (key: TestKey, nodes: readonly string[]) => {
  const digests = nodes.map(name => key.digests().get(name));
  return digests[0] !== undefined && new Set(digests).size === 1;
};

const handedOff = (cluster: TestCluster) =>
  cluster.names.every(name => cluster.node(name).overview.status().hints === 0);

/** n3 is down while some keys are written on the other two. */
async function missedByN3(count = KEYS): Promise<{ cluster: TestCluster; keys: readonly TestKey[] }> {
  const cluster = await handingOff(3);
  cluster.stop('n3');
  await cluster.knownDown('n3');
  const keys = Array.from({ length: count }, (_, i) => new TestKey(cluster, `k${i}`));
  for (const [i, key] of keys.entries()) await key.put(i % 2 === 0 ? 'n1' : 'n2', `v${i}`, { w: 2 });
  return { cluster, keys };
}

/** Two of the primaries of a key are down, and what they missed lies at the two fallbacks. */
async function missedByTwoOfFive() {
  const cluster = await handingOff(5);
  const key = new TestKey(cluster);
  const [a, b, c] = key.primaries as [string, string, string];
  const [d, e] = key.fallbacks as [string, string];
  cluster.stop(b);
  cluster.stop(c);
  await cluster.knownDown(b, c);
  await key.put(a, 'v', { w: 3 });
  return { cluster, key, a, b, c, d, e };
}

/** As a coordinator on that node does it, and nobody else hears of it. */
function writeHere({ cluster, place }: TestKey, at: string, text: string): void {
  const value = Buffer.from(`\x01${text}`);
  const { apply } = insertion({ writeId: sampleWriteId(9), value, seen: 'whatever is there' });
  cluster.node(at).local.update({ place, missing: [], change: apply });
}

/** Until the cut is healed neither side hears of the other, and both know that. */
async function cutOff(cluster: TestCluster, some: readonly string[], others: readonly string[]) {
  for (const one of some) {
    for (const other of others) {
      cluster.cut(one, other);
      cluster.cut(other, one);
    }
  }
  const known = () => some.every(one => others.every(other => !cluster.sees(one, other)));
  await cluster.until(known, `${some} know ${others} to be down`);
}

/** What the log of that node tells of handing off. */
const toldOf = (cluster: TestCluster, name: string) =>
  cluster.seat(name).log.lines.filter(({ event }) => event.startsWith('hand'));

/** Whatever is handed off to that node, it takes so long over it. */
function takesMs(cluster: TestCluster, name: string, ms: number): void {
  const { local } = cluster.node(name);
  const handOff = local.handOff.bind(local);
  local.handOff = async (records, call) => {
    await pause(cluster.clock, ms);
    return await handOff(records, call);
  };
}

describe('a node that missed writes', () => {
  it('has them a moment after it is back, though nobody has read them', async () => {
    const { cluster, keys } = await missedByN3();
    await cluster.restart('n3');
    await cluster.allSeen();
    const seen = cluster.clock.now();
    await cluster.until(() => keys.every(key => isSame(key, ['n1', 'n2', 'n3'])), 'n3 has them all');
    expect(cluster.clock.now() - seen).toBeLessThan(1_000);
    await cluster.until(() => handedOff(cluster), 'no note is left');
    expect(cluster.calls.filter(({ what }) => what === 'read')).toEqual([]);
    expect(cluster.counted('hint.replayed')).toBe(KEYS);
    for (const name of cluster.names) expect(await wrongSums(cluster, name)).toEqual([]);
  });

  it('is sent one record of a key that was overwritten a thousand times', async () => {
    const { cluster, keys } = await missedByN3(1);
    const [key] = keys as [TestKey];
    let { context } = await key.get('n1');
    for (let i = 0; i < 1_000; i++) ({ context } = await key.put('n1', `v${i}`, { context, w: 2 }));
    expect(cluster.node('n1').overview.status().hints).toBe(1);
    await cluster.restart('n3');
    await cluster.until(() => handedOff(cluster), 'no note is left');
    expect(await key.all('n3')).toEqual(['v999']);
    expect(cluster.counted('handoff.records')).toBe(1);
  });

  it('is told by a holder that was restarted meanwhile (TRAPS H2)', async () => {
    const { cluster, keys } = await missedByN3();
    for (const name of ['n1', 'n2']) {
      cluster.stop(name);
      await cluster.restart(name);
    }
    await cluster.restart('n3');
    await cluster.until(() => handedOff(cluster), 'no note is left');
    expect(keys.every(key => isSame(key, ['n1', 'n2', 'n3']))).toBe(true);
  });

  it('is told again when its answer was lost', async () => {
    const { cluster, keys } = await missedByN3(2);
    cluster.cutAnswers('n3', 'handOff');
    await cluster.restart('n3');
    await cluster.until(() => keys.every(key => isSame(key, ['n1', 'n2', 'n3'])), 'n3 has them');
    await cluster.clock.pass(10_000);
    expect(cluster.counted('hint.replayed')).toBe(0);
    expect(handedOff(cluster)).toBe(false);
    cluster.heal();
    await cluster.until(() => handedOff(cluster), 'no note is left');
  });

  it('is told again when it is killed after it took them and before they were durable (TRAPS H5)', async () => {
    const { cluster, keys } = await missedByN3(2);
    await cluster.restart('n3');
    cluster.seat('n3').disk.store.holdWrites();
    await cluster.clock.pass(2_000);
    cluster.stop('n3');
    await cluster.knownDown('n3');
    expect(handedOff(cluster)).toBe(false);
    expect(keys.some(key => isSame(key, ['n1', 'n2', 'n3']))).toBe(false);
    await cluster.restart('n3');
    await cluster.until(() => handedOff(cluster), 'no note is left');
    expect(keys.every(key => isSame(key, ['n1', 'n2', 'n3']))).toBe(true);
  });

  it('is sent what was written while an older record was on its way to it (I8)', async () => {
    const { cluster, keys } = await missedByN3(1);
    const [key] = keys as [TestKey];
    cluster.hold(({ what, to }) => what === 'handOff' && to === 'n3');
    await cluster.restart('n3');
    await cluster.until(() => cluster.calls.some(({ what }) => what === 'handOff'), 'it is on its way');
    cluster.cut('n1', 'n3');
    await key.put('n1', 'later', { overwrite: true, w: 2, call: cluster.callFor(1_000) });
    cluster.heal();
    cluster.release();
    await cluster.until(() => handedOff(cluster), 'no note is left');
    expect(isSame(key, ['n1', 'n2', 'n3'])).toBe(true);
    expect(await key.all('n3')).toEqual(['later']);
  });

  it('gets the others when it refuses one', async () => {
    const { cluster, keys } = await missedByN3();
    const [refused, ...others] = keys as [TestKey, ...TestKey[]];
    await cluster.restart('n3');
    const { local } = cluster.node('n3');
    const { handOff } = local;
    local.handOff = async (records, call) => {
      const taken = records.filter(({ place }) => place.key !== refused.key);
      const said = taken.length === 0 ? [] : (await handOff.call(local, taken, call)).held;
      return { held: records.map(record => said[taken.indexOf(record)] ?? false) };
    };
    await cluster.until(() => others.every(key => isSame(key, ['n1', 'n2', 'n3'])), 'n3 has the others');
    await cluster.clock.pass(10_000);
    expect(cluster.counted('handoff.failed')).toBeGreaterThan(0);
    expect(refused.row('n3')).toBeUndefined();
    local.handOff = handOff;
    await cluster.until(() => handedOff(cluster), 'no note is left');
    expect(isSame(refused, ['n1', 'n2', 'n3'])).toBe(true);
  });

  it('does not hold up another that is well', async () => {
    const cluster = await handingOff(4);
    const keys = Array.from({ length: KEYS }, (_, i) => new TestKey(cluster, `k${i}`));
    cluster.stop('n3');
    cluster.stop('n4');
    await cluster.knownDown('n3', 'n4');
    for (const key of keys) await key.put('n1', 'v', { w: 2 });
    cluster.hold(({ what, to }) => what === 'handOff' && to === 'n3');
    await cluster.restart('n3');
    await cluster.restart('n4');
    const of4 = keys.filter(({ primaries }) => primaries.includes('n4'));
    await cluster.until(() => of4.every(key => key.row('n4') !== undefined), 'n4 has what it missed');
    expect(cluster.clock.now()).toBeLessThan(60_000);
    cluster.release();
    await cluster.until(() => handedOff(cluster), 'no note is left');
  });
});

describe('a fallback', () => {
  it('drops what it took once all owners have it, row, sum and notes, and not before (I8)', async () => {
    const { cluster, key, a, b, c, d, e } = await missedByTwoOfFive();
    await cluster.restart(b);
    await cluster.until(() => isSame(key, [a, b]), 'one is served');
    await cluster.clock.pass(5_000);
    expect([key.row(d), key.row(e)]).not.toContain(undefined);
    await cluster.restart(c);
    await cluster.until(() => handedOff(cluster), 'no note is left');
    await cluster.until(() => key.row(d) === undefined && key.row(e) === undefined, 'both drop it');
    expect(isSame(key, [a, b, c])).toBe(true);
    for (const name of [d, e]) {
      expect(cluster.node(name).overview.status()).toMatchObject({ records: 0, hints: 0, foreignRecords: 0 });
      expect(await wrongSums(cluster, name)).toEqual([]);
    }
    expect(cluster.counted('handoff.dropped')).toBe(2);
  });

  it('finds what it took by the sums, when no note tells of it', async () => {
    const { cluster, key, b, c, d, e } = await missedByTwoOfFive();
    for (const name of [d, e]) {
      cluster.stop(name);
      key.forgetNotes(name);
      await cluster.restart(name);
      expect(cluster.node(name).overview.status().hints).toBe(0);
    }
    await cluster.restart(b);
    await cluster.restart(c);
    await cluster.until(() => key.row(d) === undefined && key.row(e) === undefined, 'both drop it');
    expect(isSame(key, key.primaries)).toBe(true);
  });

  it('keeps what was written to it while the owners confirmed the record before', async () => {
    const { cluster, key, a, b, c, d } = await missedByTwoOfFive();
    key.forgetNotes(d);
    cluster.hold(({ what, from }) => what === 'handOff' && from === d);
    await cluster.restart(b);
    await cluster.restart(c);
    const sent = () => cluster.calls.filter(({ what, from }) => what === 'handOff' && from === d);
    await cluster.until(() => sent().length === 3, 'all owners are sent it');
    writeHere(key, d, 'later');
    cluster.release();
    await cluster.until(() => key.row(d) === undefined, 'it drops it');
    expect(await key.all(a)).toEqual(['later']);
    expect(isSame(key, [a, b, c])).toBe(true);
  });

  it('keeps what one of the owners does not take', async () => {
    const { cluster, key, b, c, d } = await missedByTwoOfFive();
    await cluster.restart(b);
    await cluster.restart(c);
    const { local } = cluster.node(c);
    const { handOff } = local;
    local.handOff = async records => ({ held: records.map(() => false) });
    await cluster.clock.pass(10_000);
    expect(key.row(d)).toBeDefined();
    expect(key.row(c)).toBeUndefined();
    expect(toldOf(cluster, d).filter(({ facts }) => facts?.['to'] === 'their owners')).toEqual([]);
    local.handOff = handOff;
    await cluster.until(() => key.row(d) === undefined, 'it drops it');
    expect(isSame(key, key.primaries)).toBe(true);
  });

  it('is rid of it though one of its owners keeps missing other keys (TRAPS H3)', async () => {
    const { cluster, key, b, c, d } = await missedByTwoOfFive();
    const others = Array.from({ length: 200 }, (_, i) => new TestKey(cluster, `other${i}`));
    const shared = others.filter(({ primaries }) => primaries.includes(b) && primaries.includes(d));
    for (const other of shared) await other.put(d, 'v', { w: 1 });
    await cluster.restart(b);
    takesMs(cluster, b, 15);
    let turn = 0;
    const miss = () => {
      turn += 1;
      const { place } = shared[turn % shared.length]!;
      void cluster.node(d).local.hint({ target: nodeName(b), place });
      cluster.clock.after(2, miss);
    };
    miss();
    await cluster.restart(c);
    await cluster.until(() => key.row(d) === undefined, 'it drops it');
    expect(cluster.clock.now()).toBeLessThan(60_000);
  });

  it('that takes a key anew after it dropped it writes under another name (DESIGN §4, dots)', async () => {
    const { cluster, key, a, b, c, d, e } = await missedByTwoOfFive();
    await cluster.restart(b);
    await cluster.restart(c);
    await cluster.until(() => key.row(d) === undefined, 'it is dropped');
    const write = async (value: string) => {
      await cutOff(cluster, [d, e], [a, b, c]);
      await key.put(d, value, { w: 1 });
      const row = key.row(d);
      cluster.heal();
      await cluster.until(() => key.row(d) === undefined, 'it is dropped again');
      return row !== undefined && row !== 'damaged' && row.birth?.counter;
    };
    const births = [await write('one'), await write('two')];
    expect(new Set(births).size).toBe(2);
    expect(await key.all(a)).toEqual(['one', 'two', 'v']);
  });
});

it('a disk that fails ends handing off, and nothing is thrown', async () => {
  const { cluster } = await missedByN3();
  for (const name of ['n1', 'n2']) cluster.seat(name).disk.store.failNextWrite();
  await cluster.restart('n3');
  await cluster.clock.pass(5_000);
  const sent = cluster.calls.filter(({ what }) => what === 'handOff').length;
  await cluster.clock.pass(20_000);
  expect(cluster.calls.filter(({ what }) => what === 'handOff')).toHaveLength(sent);
});

it('a cluster in which nobody misses anything hands nothing off (I11)', async () => {
  const cluster = await handingOff(3);
  await new TestKey(cluster).put('n1', 'v', { w: 3 });
  await cluster.clock.pass(60_000);
  expect(cluster.calls.filter(({ what }) => what === 'handOff')).toEqual([]);
});

describe('the operator', () => {
  it('is told when it begins and when it is done', async () => {
    const { cluster } = await missedByN3();
    await cluster.restart('n3');
    await cluster.until(() => toldOf(cluster, 'n1').length > 1, 'it is told');
    const facts = { to: 'n3', records: KEYS / 2 };
    expect(toldOf(cluster, 'n1')).toMatchObject([
      { event: 'handing off', facts },
      { event: 'handed off', facts },
    ]);
  });

  it('is not told of each write of a member that misses one every second', async () => {
    const { cluster, keys } = await missedByN3(1);
    await cluster.restart('n3');
    for (let second = 0; second < 9; second++) {
      void cluster.node('n1').local.hint({ target: nodeName('n3'), place: keys[0]!.place });
      await cluster.clock.pass(1_000);
    }
    expect(toldOf(cluster, 'n1')).toHaveLength(1);
    await cluster.clock.pass(5_000);
    expect(toldOf(cluster, 'n1')).toHaveLength(2);
  });
});

describe('a note that will never be served', () => {
  it.each(['nobody', 'a member that owns no such key'])('is void: it is for %s (TRAPS H4)', async whom => {
    const cluster = await handingOff(5);
    const key = new TestKey(cluster);
    const [a] = key.primaries as [string];
    await key.put(a, 'v', { w: 3 });
    cluster.stop(a);
    await key.note(a, whom === 'nobody' ? whom : key.fallbacks[0]!);
    await cluster.restart(a);
    await cluster.until(() => cluster.counted('hint.void', a) === 1, 'it is counted');
    expect(await key.hints(a)).toEqual([]);
    expect(cluster.counted('handoff.records')).toBe(0);
  });

  it('is void when the row it is for is gone', async () => {
    const { cluster, keys } = await missedByN3(2);
    for (const name of ['n1', 'n2']) {
      cluster.stop(name);
      cluster.seat(name).disk.store.lose(dataKey(keys[0]!.place));
      await cluster.restart(name);
    }
    await cluster.restart('n3');
    await cluster.until(() => handedOff(cluster), 'no note is left');
    expect(cluster.counted('hint.void')).toBe(1);
    expect(isSame(keys[1]!, ['n1', 'n2', 'n3'])).toBe(true);
  });

  it('is not void when a row comes while none is found', async () => {
    const { cluster, keys } = await missedByN3(1);
    const [key] = keys as [TestKey];
    cluster.stop('n1');
    cluster.seat('n1').disk.store.lose(dataKey(key.place));
    await cluster.restart('n1');
    const { local } = cluster.node('n1');
    const records = local.records.bind(local);
    local.records = async (places, bytesMax) => {
      const found = await records(places, bytesMax);
      if (key.row('n1') === undefined) writeHere(key, 'n1', 'later');
      return found;
    };
    await cluster.restart('n3');
    await cluster.until(() => handedOff(cluster), 'no note is left');
    expect(cluster.counted('hint.void')).toBe(0);
    expect(cluster.counted('hint.replayed', 'n1')).toBe(1);
  });

  it('stays when its node closes while it is looked at: its store takes nothing any more', async () => {
    const { cluster, keys } = await missedByN3(1);
    const [key] = keys as [TestKey];
    cluster.stop('n1');
    cluster.seat('n1').disk.store.lose(dataKey(key.place));
    await cluster.restart('n1');
    const { local } = cluster.node('n1');
    const records = local.records.bind(local);
    let lookedFor = false;
    let goOn = () => {};
    local.records = async (places, bytesMax) => {
      lookedFor = true;
      await new Promise<void>(resolve => {
        goOn = resolve;
      });
      return await records(places, bytesMax).catch(() => places.map(() => undefined));
    };
    await cluster.restart('n3');
    await cluster.until(() => lookedFor, 'its row is looked for');
    const closed = cluster.done(cluster.node('n1').close());
    goOn();
    await closed;
    await cluster.clock.pass(1_000);
    expect(cluster.counted('commit.faults', 'n1')).toBe(0);
    cluster.stop('n1');
    expect(await key.hints('n1')).toEqual(['n3']);
  });
});

describe('handing off yields', () => {
  /** The size of each batch that n3 takes, and how many it has at once. */
  function watchN3(cluster: TestCluster) {
    const { local } = cluster.node('n3');
    const handOff = local.handOff.bind(local);
    const seen = { sizes: [] as number[], atOnceMax: 0 };
    let atOnce = 0;
    local.handOff = async (records, call) => {
      seen.sizes.push(records.length);
      atOnce += 1;
      seen.atOnceMax = Math.max(seen.atOnceMax, atOnce);
      await pause(cluster.clock, 10);
      return await handOff(records, call).finally(() => {
        atOnce -= 1;
      });
    };
    return seen;
  }

  it('goes in whole batches, several at once, while no client asks anything', async () => {
    const { cluster } = await missedByN3(600);
    await cluster.clock.pass(2_000);
    await cluster.restart('n3');
    const seen = watchN3(cluster);
    await cluster.until(() => handedOff(cluster), 'no note is left');
    expect(Math.max(...seen.sizes)).toBe(64);
    expect(seen.atOnceMax).toBeGreaterThan(2);
  });

  it('goes in small batches, one by one, while clients ask', async () => {
    const { cluster, keys } = await missedByN3(300);
    const ask = () => {
      for (const name of ['n1', 'n2']) void keys[0]!.getNow(name, { r: 1 }).catch(() => undefined);
      cluster.clock.after(20, ask);
    };
    ask();
    await cluster.restart('n3');
    const seen = watchN3(cluster);
    await cluster.until(() => handedOff(cluster), 'no note is left');
    expect(Math.max(...seen.sizes)).toBe(16);
    // One from each of the other two.
    expect(seen.atOnceMax).toBeLessThanOrEqual(2);
  });

  it('comes back later to a node that says it has too much to do, and loses nothing', async () => {
    const { cluster, keys } = await missedByN3();
    await cluster.restart('n3');
    const { local } = cluster.node('n3');
    const handOff = local.handOff.bind(local);
    let refusals = 0;
    local.handOff = async (records, call) => {
      refusals += 1;
      if (refusals <= 6) throw new ReplicaFailed('overloaded', 'too much to do');
      return await handOff(records, call);
    };
    await cluster.until(() => handedOff(cluster), 'no note is left');
    expect(keys.every(key => isSame(key, ['n1', 'n2', 'n3']))).toBe(true);
  });
});
