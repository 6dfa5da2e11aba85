import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { AssertionFailed } from '../../../src/base/assert.ts';
import { type Store, StoreFailed } from '../../../src/ports/store.ts';
import { storeContract } from '../../contract/store.contract.ts';
import type { World } from '../time/world.ts';
import { Desk, outcomes, PLAN, put, SEEDS, scanned, writeAll, written } from './desk.ts';

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
    const took = async (seed: number, factor: number, slowShare = 1) => {
      const desk = new Desk({ seed, plan: { ...PLAN, slowShare } });
      desk.disk.slow(factor);
      await desk.done(desk.boot().store.write([]));
      return desk.world.now;
    };
    const usual = await Promise.all(SEEDS.map(seed => took(seed, 1, 0)));
    expect(Math.max(...usual)).toBeLessThanOrEqual(2);
    const slow = await Promise.all(SEEDS.map(seed => took(seed, 1)));
    expect(Math.max(...slow)).toBeGreaterThan(20);
    expect(Math.max(...slow)).toBeLessThanOrEqual(40);
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
    const left = await outcomes(async seed => {
      const desk = new Desk({ seed });
      const { store, identity, floor } = desk.boot();
      await writeAll(desk, store, ['a=1']);
      const written = store.write(put('b=1'));
      desk.end('kill');
      const late: Promise<unknown>[] = [
        store.write(put('c=1')),
        identity.write({ c: 1 }),
        floor.read(),
        identity.read(),
      ];
      late.push(store.scan({ from: Buffer.of(0), to: Buffer.of(255), limit: 9 }));
      floor.note(9);
      expect(await desk.done(Promise.race([written, ...late]))).toBe('unheard of');
      desk.boot();
      desk.end('kill');
      const { identity: file, floor: noted } = desk.disk.snapshot();
      return `${desk.rows} ${file?.text} ${noted}`;
    });
    expect(left).toEqual(['a=1 b=1 undefined undefined', 'a=1 undefined undefined']);
  });

  it('is not closed by a process that has ended', async () => {
    const desk = new Desk();
    const { store } = desk.boot();
    desk.end('kill');
    expect(await desk.done(store.close())).toBe('unheard of');
  });

  it('is not opened twice at once', () => {
    const desk = new Desk();
    desk.boot();
    expect(() => desk.boot()).toThrow(AssertionFailed);
    expect(() => desk.disk.crashed('kill')).toThrow(AssertionFailed);
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
    const { store, identity, cluster } = desk.boot();
    desk.disk.full = true;
    desk.disk.failNextWrite({ applied: true });
    expect(() => desk.disk.checkOpen()).toThrow(StoreFailed);
    await expect(desk.done(store.write(put('a=1')))).rejects.toThrow('no space');
    await expect(desk.done(identity.write({ a: 1 }))).rejects.toThrow('no space');
    desk.disk.full = false;
    await expect(desk.done(store.write(put('a=1')))).rejects.toThrow('no space');
    expect(await identity.read()).toBeUndefined();
    await desk.done(cluster.write({ a: 2 }));
    desk.end('kill');
    desk.disk.checkOpen();
    const next = desk.boot();
    await desk.done(next.store.write(put('b=1')));
    expect(desk.rows).toBe('b=1');
    expect(await next.identity.read()).toBeUndefined();
    expect((await next.cluster.read())?.content).toEqual({ a: 2 });
  });

  it('has the old file after a failed write, whatever the crash, or the next one that succeeds', async () => {
    const left = await outcomes(async seed => {
      const desk = new Desk({ seed });
      const { identity } = desk.boot();
      await desk.done(identity.write('old'));
      desk.disk.full = true;
      await expect(desk.done(identity.write('failed'))).rejects.toThrow('no space');
      desk.disk.full = false;
      if (seed % 2 === 0) await desk.done(identity.write('new'));
      desk.end('kill');
      return String(desk.disk.snapshot().identity?.text);
    });
    expect(left).toEqual(['"new"', '"old"']);
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

  it('can be set back again, scanned, and lose what its log held then', async () => {
    const desk = new Desk();
    const { store } = desk.boot();
    await writeAll(desk, store, ['a=1', 'b=1']);
    const backup = desk.disk.snapshot();
    await writeAll(desk, store, ['c=1']);
    desk.end('kill');
    for (const again of ['d=1', 'e=1']) {
      desk.disk.rollBack(backup, { copied: false });
      expect(await scanned(desk)).toBe(desk.rows);
      expect(desk.rows).toBe('a=1 b=1');
      await written([again], desk);
      expect(await scanned(desk)).toBe(`a=1 b=1 ${again}`);
    }
    desk.disk.rollBack(backup, { copied: false });
    expect(desk.disk.loseLog({ tail: true, batches: 1 })).toBe(1);
    expect(desk.rows).toBe('a=1');
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
