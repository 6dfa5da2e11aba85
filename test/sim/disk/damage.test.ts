import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { AssertionFailed } from '../../../src/base/assert.ts';
import { encodeRow } from '../../../src/core/rows/row.ts';
import type { Operation } from '../../../src/ports/store.ts';
import { dataKey } from '../../../src/replica/layout.ts';
import { PLACE, sampleRecord } from '../../support/samples.ts';
import { Desk, outcomes, put, writeAll, written } from './desk.ts';

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
    expect(new Desk().disk.loseLog({ tail: false, batches: 2 })).toBe(0);
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

function bitsApart(a: Uint8Array, b: Uint8Array): number {
  let bits = a.byteLength === b.byteLength ? 0 : Number.NaN;
  for (const [at, byte] of a.entries()) {
    for (let left = byte ^ b[at]!; left > 0; left >>= 1) bits += left & 1;
  }
  return bits;
}
