import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { AssertionFailed } from '../../src/base/assert.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { Durability } from '../../src/core/membership/identity.ts';
import { encodeRow } from '../../src/core/rows/row.ts';
import { type Operation, type Store, StoreFailed } from '../../src/ports/store.ts';
import { dataKey } from '../../src/replica/layout.ts';
import { storeContract } from '../contract/store.contract.ts';
import { PLACE, sampleRecord } from '../support/samples.ts';
import { type DiskPorts, SimDisk } from './disk.ts';
import { MachineClock, Process } from './process.ts';
import { Trace } from './trace.ts';
import { World } from './world.ts';

const PLAN = { writeMs: { min: 1, usual: 2 }, slowShare: 0 };
const SEEDS = Array.from({ length: 40 }, (_, seed) => seed);

/** A disk with nothing but time around it. */
class Desk {
  readonly world = new World(new Trace({ keep: true }));
  /** What the disk told of its batches. */
  readonly committed: string[] = [];
  readonly disk: SimDisk;
  process!: Process;

  constructor({ seed = 1, durability = 'fsync' as Durability, plan = PLAN } = {}) {
    this.disk = new SimDisk({
      world: this.world,
      random: new SeededRandom(seed),
      name: 'n1',
      plan,
      durability,
      onCommitted: batch => this.committed.push(batch.map(({ key, value }) => `${key}=${value}`).join(' ')),
    });
  }

  boot(): DiskPorts {
    const { world } = this;
    const clock = new MachineClock({ world, rate: 1, wallOffMs: 0 });
    this.process = new Process({ world, name: 'n1', clock });
    return this.disk.open(this.process);
  }

  end(how: 'kill' | 'power cut'): void {
    this.process.end();
    this.disk.crashed(how);
  }

  /** Lets time pass until the promise is settled, or for a second. */
  async done<T>(promise: Promise<T>): Promise<T | 'unheard of'> {
    let over = false;
    const end = () => {
      over = true;
    };
    promise.then(end, end);
    const settled = await this.world.run({ until: () => over, ms: 1_000 });
    return settled ? promise : 'unheard of';
  }

  async pass(ms: number): Promise<void> {
    await this.world.run({ until: () => false, ms });
  }

  /** `a=1 b=1`. */
  get rows(): string {
    const rows = [...this.disk.rows()].map(([key, value]) => `${key}=${value}`);
    return rows.sort().join(' ');
  }
}

/** `a=1`, or `a=` to remove it. */
function put(...rows: readonly string[]): readonly Operation[] {
  return rows.map(row => {
    const [key, value] = row.split('=') as [string, string];
    return { key: Buffer.from(key), value: value === '' ? undefined : Buffer.from(value) };
  });
}

/** What comes of it, over many seeds. */
async function outcomes(run: (seed: number) => Promise<string>): Promise<readonly string[]> {
  const all = await Promise.all(SEEDS.map(run));
  return [...new Set(all)].sort();
}

async function writeAll(desk: Desk, store: Store, rows: readonly string[]): Promise<void> {
  for (const row of rows) await desk.done(store.write(put(row)));
}

/** Time passes by itself whenever the store is waited for. */
function driven(store: Store, world: World): Store {
  let running = false;
  const drive = async () => {
    if (running) return;
    running = true;
    while (world.pending > 0) await world.run({ until: () => world.pending === 0, ms: 60_000 });
    running = false;
  };
  return {
    get: key => store.get(key),
    warm: keys => store.warm(keys),
    scan: range => store.scan(range),
    write: batch => {
      const written = store.write(batch);
      void drive();
      return written;
    },
    close: () => store.close(),
  };
}

storeContract('the store on a simulated disk', async () => {
  const desk = new Desk();
  return {
    store: driven(desk.boot().store, desk.world),
    failNextWrite: () => desk.disk.failNextWrite({ applied: false }),
    failReads: failure => desk.disk.failReads(failure),
  };
});

describe('a write to a simulated disk', () => {
  it('is nowhere before its time, and then everywhere', async () => {
    const desk = new Desk();
    const { store } = desk.boot();
    const written = store.write(put('a=1'));
    await desk.pass(0.9);
    expect(desk.rows).toBe('');
    expect(desk.committed).toEqual([]);
    await desk.done(written);
    expect(desk.world.now).toBeLessThan(2);
    expect(desk.rows).toBe('a=1');
    expect(desk.committed).toEqual(['a=1']);
    expect(desk.world.trace.lines.map(({ text }) => text)).toEqual(['n1 wrote 1 rows']);
  });

  it('takes up to twenty times as long when it is a slow one, and longer on a slow disk', async () => {
    const slow = { ...PLAN, slowShare: 1 };
    const took = async (seed: number, factor: number) => {
      const desk = new Desk({ seed, plan: slow });
      desk.disk.slow(factor);
      await desk.done(desk.boot().store.write([]));
      return desk.world.now;
    };
    const usual = await Promise.all(SEEDS.map(seed => took(seed, 1)));
    expect(Math.max(...usual)).toBeGreaterThan(20);
    expect(Math.max(...usual)).toBeLessThanOrEqual(40);
    expect(await took(1, 10)).toBeCloseTo(10 * (await took(1, 1)));
  });

  it('gets there though its process is paused, which hears of it when it goes on', async () => {
    const desk = new Desk();
    const { store } = desk.boot();
    const written = store.write(put('a=1'));
    desk.process.pause();
    expect(await desk.done(written)).toBe('unheard of');
    expect(desk.rows).toBe('a=1');
    await expect(store.write(put('b=1'))).rejects.toThrow(AssertionFailed);
    desk.process.resume();
    expect(await desk.done(written)).toBeUndefined();
  });

  it('of a process that has ended is never heard of, and cannot begin', async () => {
    const desk = new Desk();
    const { store, identity, floor } = desk.boot();
    const written = store.write(put('a=1'));
    desk.end('kill');
    const before = desk.rows;
    const late = [
      store.write(put('b=1')),
      identity.write({ b: 1 }),
      store.close(),
      floor.read(),
      identity.read(),
    ];
    floor.note(9);
    const all = Promise.race([
      written,
      ...late,
      store.scan({ from: Buffer.of(0), to: Buffer.of(255), limit: 9 }),
    ]);
    expect(await desk.done(all)).toBe('unheard of');
    expect(desk.rows).toBe(before);
    const next = desk.boot();
    expect(await next.floor.read()).toBeUndefined();
    expect(await next.identity.read()).toBeUndefined();
  });

  it('is not opened twice at once', () => {
    const desk = new Desk();
    desk.boot();
    expect(() => desk.boot()).toThrow(AssertionFailed);
    expect(() => desk.disk.crashed('kill')).toThrow(AssertionFailed);
  });
});

describe('what a crash leaves', () => {
  const rows = ['a=1', 'b=1', 'c=1'];

  it.each([
    { how: 'kill', durability: 'fsync' },
    { how: 'kill', durability: 'os' },
    { how: 'power cut', durability: 'fsync' },
  ] as const)(
    '$durability, $how: all that was acknowledged, and the write under way or not',
    async ({ how, durability }) => {
      const left = await outcomes(async seed => {
        const desk = new Desk({ seed, durability });
        const { store } = desk.boot();
        await writeAll(desk, store, rows);
        void store.write(put('d=1', 'e=1'));
        desk.end(how);
        await desk.pass(100);
        expect(desk.committed.join(' ')).toBe(desk.rows);
        return desk.rows;
      });
      expect(left).toEqual(['a=1 b=1 c=1', 'a=1 b=1 c=1 d=1 e=1']);
    },
  );

  it('os, power cut: some first part of what was written, and the write under way only behind all of it', async () => {
    const left = await outcomes(async seed => {
      const desk = new Desk({ seed, durability: 'os' });
      const { store } = desk.boot();
      await writeAll(desk, store, rows);
      void store.write(put('d=1'));
      desk.end('power cut');
      return desk.rows;
    });
    expect(left).toEqual(['', 'a=1', 'a=1 b=1', 'a=1 b=1 c=1', 'a=1 b=1 c=1 d=1']);
  });

  it.each([
    { synced: 'seconds later', sync: (desk: Desk) => desk.pass(10_000) },
    { synced: 'by a clean close', sync: (desk: Desk, { store }: DiskPorts) => desk.done(store.close()) },
    {
      synced: 'by the next process that opens it',
      sync: async (desk: Desk) => {
        desk.end('kill');
        desk.boot();
      },
    },
  ])('os, power cut: all of it once it was synced $synced', async ({ sync }) => {
    const left = await outcomes(async seed => {
      const desk = new Desk({ seed, durability: 'os' });
      const ports = desk.boot();
      await writeAll(desk, ports.store, rows);
      await sync(desk, ports);
      desk.end('power cut');
      return desk.rows;
    });
    expect(left).toEqual(['a=1 b=1 c=1']);
  });

  it('of a file that was being replaced is the old one or the new one; a finished one stays', async () => {
    for (const how of ['kill', 'power cut'] as const) {
      const left = await outcomes(async seed => {
        const desk = new Desk({ seed });
        const { identity } = desk.boot();
        await desk.done(identity.write({ is: 'old' }));
        void identity.write({ is: 'new' });
        void identity.write({ is: 'never begun' });
        await desk.pass(0.5);
        desk.end(how);
        await desk.pass(100);
        return JSON.stringify(await desk.boot().identity.read());
      });
      expect(left).toEqual([
        '{"content":{"is":"new"},"copied":false}',
        '{"content":{"is":"old"},"copied":false}',
      ]);
    }
  });

  it('of the floor is its newest note after a kill; that, an older one or none after a power cut', async () => {
    const left = (how: 'kill' | 'power cut') =>
      outcomes(async seed => {
        const desk = new Desk({ seed });
        const { floor } = desk.boot();
        for (const batch of [1, 2, 3]) floor.note(batch);
        desk.end(how);
        return String(await desk.boot().floor.read());
      });
    expect(await left('kill')).toEqual(['3']);
    expect(await left('power cut')).toEqual(['1', '2', '3', 'undefined']);
  });
});

describe('a disk that fails', () => {
  it.each([
    { applied: true, rows: 'a=1 b=1' },
    { applied: false, rows: 'a=1' },
  ])(
    'fails every write after the first it failed, until it is opened anew; applied: $applied',
    async ({ applied, rows }) => {
      const desk = new Desk();
      const { store } = desk.boot();
      await desk.done(store.write(put('a=1')));
      const written = store.write(put('b=1'));
      desk.disk.failNextWrite({ applied });
      await expect(desk.done(written)).rejects.toThrow(StoreFailed);
      await expect(desk.done(store.write(put('c=1')))).rejects.toThrow(StoreFailed);
      desk.end('kill');
      expect(desk.rows).toBe(rows);
      expect(desk.committed.join(' ')).toBe(rows);
      await desk.done(desk.boot().store.write(put('c=1')));
      expect(desk.rows).toBe(`${rows} c=1`);
    },
  );

  it('forgets a failure that no write met when its process ends', async () => {
    const desk = new Desk();
    desk.boot();
    desk.disk.failNextWrite({ applied: false });
    desk.end('kill');
    await desk.done(desk.boot().store.write(put('a=1')));
    expect(desk.rows).toBe('a=1');
  });

  it('takes nothing while it is full, nor can be opened; with room again a file can be written, a store only when opened anew', async () => {
    const desk = new Desk();
    const { store, identity } = desk.boot();
    desk.disk.full = true;
    expect(() => desk.disk.checkOpen()).toThrow(StoreFailed);
    await expect(desk.done(store.write(put('a=1')))).rejects.toThrow('no space');
    await expect(desk.done(identity.write({ a: 1 }))).rejects.toThrow('no space');
    desk.disk.full = false;
    await expect(desk.done(store.write(put('a=1')))).rejects.toThrow('no space');
    await desk.done(identity.write({ a: 2 }));
    desk.end('kill');
    desk.disk.checkOpen();
    const next = desk.boot();
    await desk.done(next.store.write(put('b=1')));
    expect(desk.rows).toBe('b=1');
    expect((await next.identity.read())?.content).toEqual({ a: 2 });
  });

  it('has nothing of a write that was under way when there was no room, whatever the crash', async () => {
    const left = await outcomes(async seed => {
      const desk = new Desk({ seed });
      const { store, identity } = desk.boot();
      void store.write(put('a=1'));
      void identity.write({ a: 1 });
      await desk.pass(0.5);
      desk.disk.full = true;
      desk.end('kill');
      return `${desk.rows}${JSON.stringify(desk.disk.snapshot().identity)}`;
    });
    expect(left).toEqual(['undefined']);
  });
});

describe('a disk that damages what it holds', () => {
  const row = { sealed: sampleRecord(), birth: undefined, recovering: false };
  const record: Operation = { key: dataKey(PLACE), value: encodeRow(row, PLACE) };

  it('rots one bit of a record, for the running process and for the next, whatever is replayed', async () => {
    const desk = new Desk();
    expect(desk.disk.rot(7)).toBeUndefined();
    const { store } = desk.boot();
    await desk.done(store.write([...put('e=1'), record]));
    await writeAll(desk, store, ['f=1']);
    const backup = desk.disk.snapshot();
    expect(desk.disk.row(PLACE)).toBe(desk.disk.row(PLACE));
    expect(desk.disk.rot(7)).toEqual(PLACE);
    const rotten = Buffer.from(store.get(record.key)!);
    expect(bitsApart(rotten, record.value!)).toBe(1);
    expect(desk.disk.row(PLACE)).toBe('damaged');
    desk.end('power cut');
    expect(desk.disk.loseLog({ tail: true, batches: 1 })).toBe(1);
    expect(Buffer.from(desk.boot().store.get(record.key)!)).toEqual(rotten);
    desk.end('kill');
    desk.disk.rollBack(backup, { copied: false });
    expect(desk.disk.row(PLACE)).toEqual(row);
    desk.disk.rot(7);
    expect(desk.disk.asStore().get(record.key)).toEqual(rotten);
  });

  it('does not make a rotten row whole when batches before its own vanish', async () => {
    const desk = new Desk();
    const { store } = desk.boot();
    await writeAll(desk, store, ['e=1']);
    await desk.done(store.write([record]));
    desk.disk.rot(3);
    desk.end('kill');
    desk.disk.loseLog({ tail: false, batches: 1 });
    expect(desk.disk.rows().size).toBe(1);
    expect(desk.disk.row(PLACE)).toBe('damaged');
  });

  it('loses batches from the end of its log', async () => {
    const desk = await written(['a=1', 'b=1', 'a=2', 'b='], new Desk());
    expect(desk.disk.loseLog({ tail: true, batches: 2 })).toBe(2);
    expect(desk.rows).toBe('a=1 b=1');
    expect(desk.disk.loseLog({ tail: true, batches: 9 })).toBe(2);
    expect(desk.rows).toBe('');
  });

  it('loses batches in a row from the middle of its log, never the last', async () => {
    const left = await outcomes(async seed => {
      const desk = await written(['a=1', 'b=1', 'c=1', 'd=1'], new Desk({ seed }));
      expect(desk.disk.loseLog({ tail: false, batches: 2 })).toBe(2);
      return desk.rows;
    });
    expect(left).toEqual(['a=1 d=1', 'c=1 d=1']);
    const short = await written(['a=1'], new Desk());
    expect(short.disk.loseLog({ tail: false, batches: 2 })).toBe(0);
  });

  it('loses of its log only what was written since it was last opened, and of that only the newest', async () => {
    const desk = await written(['a=1', 'b=1'], new Desk());
    desk.boot();
    desk.end('kill');
    expect(desk.disk.loseLog({ tail: true, batches: 9 })).toBe(0);
    const many = Array.from({ length: 100 }, (_, index) => `k${index}=1`);
    await written(many, desk);
    expect(desk.disk.loseLog({ tail: true, batches: 1000 })).toBe(64);
    expect(desk.disk.rows().size).toBe(2 + 36);
  });

  it('is left alone while a process has it open', () => {
    const desk = new Desk();
    desk.boot();
    expect(() => desk.disk.loseLog({ tail: true, batches: 1 })).toThrow(AssertionFailed);
    expect(() => desk.disk.wipe()).toThrow(AssertionFailed);
  });
});

describe('a disk that is set back', () => {
  it('has everything as it was, whatever came after', async () => {
    const desk = new Desk();
    const { store, identity, cluster, floor } = desk.boot();
    await writeAll(desk, store, ['a=1', 'b=1']);
    await desk.done(Promise.all([identity.write('then'), cluster.write('us')]));
    floor.note(2);
    const backup = desk.disk.snapshot();
    await writeAll(desk, store, ['a=2', 'b=', 'c=1']);
    await desk.done(identity.write('now'));
    floor.note(5);
    desk.end('kill');
    desk.disk.rollBack(backup, { copied: false });
    expect(desk.rows).toBe('a=1 b=1');
    const next = desk.boot();
    expect(await next.identity.read()).toEqual({ content: 'then', copied: false });
    expect(await next.cluster.read()).toEqual({ content: 'us', copied: false });
    expect(await next.floor.read()).toBe(2);
  });

  it('file by file says so of each, until it is written again', async () => {
    const desk = new Desk();
    const { identity, cluster } = desk.boot();
    await desk.done(Promise.all([identity.write('me'), cluster.write('us')]));
    desk.end('kill');
    desk.disk.rollBack(desk.disk.snapshot(), { copied: true });
    const next = desk.boot();
    expect((await next.identity.read())?.copied).toBe(true);
    expect((await next.cluster.read())?.copied).toBe(true);
    await desk.done(next.identity.write('me'));
    expect((await next.identity.read())?.copied).toBe(false);
  });

  it('has nothing when it was wiped', async () => {
    const desk = new Desk();
    const { store, identity, floor } = desk.boot();
    await writeAll(desk, store, ['a=1']);
    await desk.done(identity.write('me'));
    floor.note(1);
    desk.end('kill');
    desk.disk.wipe();
    expect(desk.disk.snapshot()).toEqual(new Desk().disk.snapshot());
  });
});

it('leaves the same trace whenever the seed and what is asked are the same, and another when the bytes differ (I13)', async () => {
  const hash = async (seed: number, row: string) => {
    const desk = new Desk({ seed, durability: 'os' });
    const { store } = desk.boot();
    await writeAll(desk, store, ['a=1', row]);
    desk.end('power cut');
    return desk.world.trace.hash;
  };
  expect(await hash(1, 'b=1')).toBe(await hash(1, 'b=1'));
  expect(await hash(1, 'b=1')).not.toBe(await hash(1, 'b=2'));
  expect(await hash(1, 'b=1')).not.toBe(await hash(2, 'b=1'));
});

/** Written by a process that was killed then. */
async function written(rows: readonly string[], desk: Desk): Promise<Desk> {
  await writeAll(desk, desk.boot().store, rows);
  desk.end('kill');
  return desk;
}

function bitsApart(a: Uint8Array, b: Uint8Array): number {
  let bits = a.byteLength === b.byteLength ? 0 : Number.NaN;
  for (const [at, byte] of a.entries()) {
    for (let left = byte ^ b[at]!; left > 0; left >>= 1) bits += left & 1;
  }
  return bits;
}
