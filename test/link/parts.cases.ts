/** The parts of a link, each by itself: outbox, assembly, transit. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Answer } from '../../src/wire/frame.ts';
import { KIB, MIB } from './rig.ts';
import type { Case, Subject } from './subject.ts';

const FRAME = 512 * KIB;
const PIECE = 256 * KIB;

interface Box {
  readonly outbox: InstanceType<Subject['Outbox']> & { push(parcel: Answer, kind: { bulk: boolean }): void };
  readonly frames: (readonly Answer[])[];
  /** Ends the turn. */
  turn(): void;
  /** Whether the stream takes more after each frame. */
  takesMore: () => boolean;
}

function boxOf({ Outbox }: Subject, { pieceBytesMax = PIECE, blocked = false } = {}): Box {
  const frames: (readonly Answer[])[] = [];
  const waiting: (() => void)[] = [];
  const turn = () => {
    for (const action of waiting.splice(0)) action();
  };
  const box = { frames, turn, takesMore: () => true };
  const outbox = new Outbox<Answer>({
    turns: { atEnd: action => void waiting.push(action) },
    blocked,
    pieceBytesMax,
    rest: (parcel, body) => ({ ...parcel, body, more: false }),
    write: parcels => {
      frames.push(parcels);
      return box.takesMore();
    },
  });
  return Object.assign(box, { outbox: outbox as unknown as Box['outbox'] });
}

function parcel(id: number, bytes = 10): Answer {
  return { id, body: Buffer.alloc(bytes, id), failed: false, more: false };
}

function idsOf(frame: readonly Answer[]): readonly number[] {
  return frame.map(({ id }) => id);
}

function bytesOf(frame: readonly Answer[]): number {
  return frame.reduce((sum, { body }) => sum + body.byteLength, 0);
}

export const PART_CASES: readonly Case[] = [
  {
    name: 'outbox: what is put in during a turn goes in one frame at its end, in order',
    run(subject) {
      const box = boxOf(subject);
      for (const id of [1, 2, 3]) box.outbox.push(parcel(id), { bulk: false });
      expect(box.frames).toEqual([]);
      box.turn();
      expect(box.frames.map(idsOf)).toEqual([[1, 2, 3]]);
      expect([box.outbox.isEmpty, box.outbox.bytes]).toEqual([true, 0]);
      box.outbox.push(parcel(4), { bulk: false });
      box.turn();
      expect(box.frames.map(idsOf)).toEqual([[1, 2, 3], [4]]);
    },
  },
  {
    name: 'outbox: nothing is written while it is blocked, and nothing is forgotten',
    run(subject) {
      const box = boxOf(subject, { blocked: true });
      box.outbox.push(parcel(1), { bulk: false });
      box.turn();
      expect(box.frames).toEqual([]);
      box.takesMore = () => false;
      box.outbox.drained();
      box.turn();
      for (const id of [2, 3]) box.outbox.push(parcel(id), { bulk: false });
      box.turn();
      expect(box.frames.map(idsOf)).toEqual([[1]]);
      box.outbox.drained();
      box.turn();
      expect(box.frames.map(idsOf)).toEqual([[1], [2, 3]]);
      expect(box.outbox.isEmpty).toBe(true);
    },
  },
  {
    name: 'outbox: whatever is put in comes out whole, once, in frames of at most 512 KiB and pieces of at most 256',
    run(subject) {
      const sizes = fc.array(
        fc.record({
          bytes: fc.oneof(
            fc.nat(2000),
            fc.nat(2 * MIB),
            fc.constantFrom(0, PIECE - 1, PIECE, PIECE + 1, FRAME, FRAME + 1),
          ),
          bulk: fc.boolean(),
        }),
        { maxLength: 12 },
      );
      fc.assert(
        fc.property(sizes, fc.boolean(), (parcels, chokes) => {
          const box = boxOf(subject);
          box.takesMore = () => !chokes;
          for (const [id, { bytes, bulk }] of parcels.entries()) box.outbox.push(parcel(id, bytes), { bulk });
          for (let i = 0; !box.outbox.isEmpty && i < 200; i++) {
            box.outbox.drained();
            box.turn();
          }
          const pieces = box.frames.flat();
          for (const frame of box.frames) expect(bytesOf(frame)).toBeLessThanOrEqual(FRAME);
          for (const { body } of pieces) expect(body.byteLength).toBeLessThanOrEqual(PIECE);
          for (const [id, { bytes }] of parcels.entries()) {
            const mine = pieces.filter(piece => piece.id === id);
            expect(bytesOf(mine)).toBe(bytes);
            expect(mine.map(({ more }) => more)).toEqual(mine.map((_, i) => i < mine.length - 1));
          }
          expect(box.outbox.bytes).toBe(0);
        }),
        { seed: 7, numRuns: 60 },
      );
    },
  },
  {
    name: 'outbox: a piece holds the bytes that follow the one before',
    run(subject) {
      const box = boxOf(subject);
      const body = Buffer.from(Array.from({ length: 600 * KIB }, (_, i) => (i * 7 + (i >> 8)) % 256));
      box.outbox.push({ id: 1, body, failed: false, more: false }, { bulk: false });
      box.turn();
      const pieces = box.frames.flat().map(piece => piece.body);
      expect(pieces).toHaveLength(3);
      expect(Buffer.concat(pieces).equals(body)).toBe(true);
    },
  },
  {
    name: 'outbox: what is small goes between the pieces of what is large, and only one large one is begun at a time',
    run(subject) {
      const box = boxOf(subject);
      for (let id = 1; id <= 20; id++) box.outbox.push(parcel(id, MIB), { bulk: false });
      for (let id = 101; id <= 110; id++) box.outbox.push(parcel(id, KIB), { bulk: false });
      box.turn();
      const small = box.frames.findIndex(frame => idsOf(frame).includes(110));
      expect(small).toBeLessThanOrEqual(1);
      const begun = new Set<number>();
      for (const { id, more } of box.frames.flat()) {
        if (more) begun.add(id);
        else begun.delete(id);
        expect(begun.size).toBeLessThanOrEqual(1);
      }
    },
  },
  {
    name: 'outbox: bulk yields, and is never starved; nor does it starve others',
    run(subject) {
      const box = boxOf(subject);
      for (let id = 1; id <= 64; id++) box.outbox.push(parcel(id, 128 * KIB), { bulk: true });
      for (let id = 101; id <= 164; id++) box.outbox.push(parcel(id, 128 * KIB), { bulk: false });
      box.turn();
      const sent = box.frames.slice(0, 16).flat();
      const bulk = sent.filter(({ id }) => id < 100).length;
      expect(bulk).toBeGreaterThanOrEqual(4);
      expect(bulk).toBeLessThanOrEqual(sent.length / 6);
      expect(box.frames.flat()).toHaveLength(128);
    },
  },
  {
    name: 'outbox: what is large waits for its turn only, however much that is small comes',
    run(subject) {
      const box = boxOf(subject);
      box.outbox.push(parcel(1, MIB), { bulk: false });
      for (let id = 101; id <= 140; id++) box.outbox.push(parcel(id, 200 * KIB), { bulk: false });
      box.turn();
      const whole = box.frames.findIndex(frame => frame.some(({ id, more }) => id === 1 && !more));
      expect(whole).toBeGreaterThanOrEqual(0);
      expect(whole).toBeLessThan(16);
    },
  },
  {
    name: 'outbox: what is removed is not sent, nor the rest of what was begun; what it held is free',
    run(subject) {
      const box = boxOf(subject);
      box.takesMore = () => false;
      for (const id of [1, 2]) box.outbox.push(parcel(id, MIB), { bulk: id === 2 });
      for (const id of [3, 4]) box.outbox.push(parcel(id), { bulk: false });
      box.turn();
      for (const id of [1, 2, 3, 4, 9]) box.outbox.remove(id);
      expect([box.outbox.bytes, box.outbox.isEmpty]).toEqual([0, true]);
      box.outbox.drained();
      box.turn();
      expect(box.frames.slice(1).flat()).toEqual([]);
    },
  },
  {
    name: 'outbox: where a dialect knows no pieces a large one goes whole, and alone',
    run(subject) {
      const box = boxOf(subject, { pieceBytesMax: Number.POSITIVE_INFINITY });
      for (const id of [1, 2]) box.outbox.push(parcel(id, 3 * MIB), { bulk: false });
      box.outbox.push(parcel(3), { bulk: false });
      box.turn();
      expect(box.frames.map(idsOf)).toEqual([[3], [1], [2]]);
    },
  },
  {
    name: 'outbox: closed it writes nothing more and holds nothing',
    run(subject) {
      const box = boxOf(subject);
      box.outbox.push(parcel(1), { bulk: false });
      box.outbox.close();
      box.outbox.push(parcel(2), { bulk: false });
      box.turn();
      expect([box.frames, box.outbox.bytes]).toEqual([[], 0]);
    },
  },
  {
    name: 'assembly: pieces of many bodies, each put together with its own',
    run({ Assembly }) {
      const assembly = new Assembly(MIB);
      const add = (id: number, text: string, more: boolean) =>
        assembly.add({ id, body: Buffer.from(text), more })?.toString();
      expect(add(1, 'a', true)).toBeUndefined();
      expect(add(2, 'x', true)).toBeUndefined();
      expect(add(3, 'alone', false)).toBe('alone');
      expect(add(1, 'b', true)).toBeUndefined();
      expect(add(2, 'y', false)).toBe('xy');
      expect(add(1, '', false)).toBe('ab');
      expect(assembly.bytes).toBe(0);
    },
  },
  {
    name: 'assembly: holds no more than its bound, though the pieces be empty, and what is dropped is free',
    run({ Assembly }) {
      const assembly = new Assembly(64 * KIB);
      const until = (bytes: number) => {
        let pieces = 0;
        while (
          pieces < 100_000 &&
          assembly.add({ id: 1, body: Buffer.alloc(bytes), more: true }) !== 'too much'
        )
          pieces += 1;
        assembly.drop(1);
        expect(assembly.bytes).toBe(0);
        return pieces;
      };
      expect(until(0)).toBeLessThanOrEqual(256);
      expect(until(KIB)).toBeLessThan(64);
      expect(until(KIB)).toBeGreaterThan(40);
    },
  },
  {
    name: 'assembly: a small piece of a large frame does not keep the frame',
    run({ Assembly }) {
      const assembly = new Assembly(MIB);
      const frame = Buffer.alloc(512 * KIB, 'x');
      assembly.add({ id: 1, body: frame.subarray(5, 10), more: true });
      frame.fill('y');
      const last = assembly.add({ id: 1, body: Buffer.from('!'), more: false });
      expect(String(last)).toBe('xxxxx!');
    },
  },
  {
    name: 'transit: only what exceeds the least seen counts, whatever the two clocks say',
    run({ Transit }) {
      const transit = new Transit();
      expect(transit.waitedMs({ now: 1_000_000, sentAt: 10 })).toBe(0);
      expect(transit.waitedMs({ now: 1_000_100, sentAt: 10 })).toBeCloseTo(100, 0);
      expect(transit.waitedMs({ now: 1_000_105, sentAt: 120 })).toBe(0);
      expect(transit.waitedMs({ now: 1_000_110, sentAt: 120 })).toBeCloseTo(5, 0);
    },
  },
  {
    name: 'transit: a clock that stood still makes frames late for a while, not for good',
    run({ Transit }) {
      const transit = new Transit();
      const waited = (second: number, stoodMs: number) =>
        transit.waitedMs({ now: second * 1000, sentAt: second * 1000 - stoodMs });
      for (let second = 0; second < 15; second += 1) expect(waited(second, 0)).toBe(0);
      expect(waited(16, 2000)).toBe(2000);
      for (let second = 17; second < 45; second += 1) waited(second, 2000);
      expect(waited(45, 2000)).toBe(0);
    },
  },
  {
    name: 'transit: what waits is seen also when a window has just begun',
    run({ Transit }) {
      const transit = new Transit();
      for (let second = 0; second < 60; second += 1) {
        const lateMs = second > 0 && second % 2 === 0 ? 300 : 0;
        expect(transit.waitedMs({ now: second * 1000 + lateMs, sentAt: second * 1000 })).toBe(lateMs);
      }
    },
  },
  {
    name: 'transit: clocks that drift apart make no frame late',
    run({ Transit }) {
      const transit = new Transit();
      let late = 0;
      for (let second = 0; second < 7 * 24 * 3600; second += 60)
        late = Math.max(late, transit.waitedMs({ now: second * 1000 * 1.0001, sentAt: second * 1000 }));
      expect(late).toBeLessThan(10);
    },
  },
];
