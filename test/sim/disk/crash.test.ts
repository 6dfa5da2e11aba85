import { describe, expect, it } from 'vitest';
import { Desk, outcomes, put, SEEDS, writeAll } from './desk.ts';
import type { DiskPorts } from './disk.ts';

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
      await writeAll(desk, ports.store, ['a=1']);
      await desk.pass(10_000);
      await writeAll(desk, ports.store, rows);
      await sync(desk, ports);
      desk.end('power cut');
      return desk.rows;
    });
    expect(left).toEqual(['a=1 b=1 c=1']);
  });

  it('is not changed by a second one', async () => {
    for (const seed of SEEDS) {
      const desk = new Desk({ seed, durability: 'os' });
      const { store, identity } = desk.boot();
      await writeAll(desk, store, rows);
      void identity.write('me');
      await desk.pass(0.5);
      desk.end('power cut');
      const left = desk.disk.snapshot();
      desk.disk.crashed('power cut');
      expect(desk.disk.snapshot()).toEqual(left);
    }
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

  it('of the floor is not a note of long ago', async () => {
    for (const seed of SEEDS) {
      const desk = new Desk({ seed });
      const { floor } = desk.boot();
      for (let batch = 1; batch <= 1000; batch++) floor.note(batch);
      desk.end('power cut');
      expect(desk.disk.snapshot().floor ?? 1000).toBeGreaterThan(900);
    }
  });
});
