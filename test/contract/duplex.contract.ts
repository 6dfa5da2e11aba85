/**
 * What every `Duplex` (src/ports/duplex.ts) does, seen from both of its ends. An implementation plugs in by
 * saying how to open one.
 */
import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import type { Duplex, DuplexEnd, DuplexEvents, OpenDuplex } from '../../src/ports/duplex.ts';
import { settled } from '../support/settled.ts';

export interface Streams {
  /** The side that opens. */
  readonly open: OpenDuplex;
  /** The process at the other side ends without a word. */
  crash(): void;
}

/**
 * Makes a place that streams are opened to; what comes there is given to `accept`, in the moment it comes,
 * which returns what is to be called when the opener has ended its side.
 */
export type MakeStreams = (accept: (open: OpenDuplex) => () => void) => Promise<Streams>;

const WAIT_MS_MAX = 20_000;
const KIB = 1024;
const UNSEEN_FRAMES_MAX = 200;

/** One end, and all that it was told. */
class Side implements DuplexEvents {
  readonly duplex: Duplex;
  readonly frames: Uint8Array[] = [];
  readonly ends: DuplexEnd[] = [];
  openings = 0;
  drains = 0;
  isEarly = false;
  #isThere = false;

  constructor(open: OpenDuplex) {
    this.duplex = open(this);
    this.#isThere = true;
  }

  opened(): void {
    this.#event();
    this.openings += 1;
  }

  frame(bytes: Uint8Array): void {
    this.#event();
    this.frames.push(bytes);
  }

  drained(): void {
    this.#event();
    this.drains += 1;
  }

  ended(end: DuplexEnd): void {
    this.isEarly ||= !this.#isThere;
    this.ends.push(end);
  }

  get texts(): readonly string[] {
    return this.frames.map(frame => Buffer.from(frame).toString());
  }

  #event(): void {
    this.isEarly ||= !this.#isThere;
    expect(this.ends, 'nothing comes after the end').toEqual([]);
  }
}

export function duplexContract(name: string, make: MakeStreams): void {
  const opened = async () => {
    let far: Side | undefined;
    let sendsNoMore = false;
    const streams = await make(open => {
      far = new Side(open);
      return () => {
        sendsNoMore = true;
      };
    });
    const near = new Side(streams.open);
    await until(() => near.openings === 1, 'the hello');
    return { near, far: far!, crash: () => streams.crash(), sendsNoMore: () => sendsNoMore };
  };

  describe(`${name} keeps the contract of a stream`, () => {
    test('its opener is told once that the other side is there, and nothing before it has the stream', async () => {
      const { near, far } = await opened();
      near.duplex.write(bytes('a'));
      await until(() => far.frames.length === 1, 'a frame');
      expect([near.openings, far.openings, near.isEarly, far.isEarly]).toEqual([1, 0, false, false]);
      near.duplex.cut(end(1));
    });

    test('frames of all sizes arrive whole and in order, both ways at once', async () => {
      const { near, far } = await opened();
      const frames = [1, 0, 100, 16 * KIB, 2, 300 * KIB, 512 * KIB, 3].map((size, i) =>
        Buffer.alloc(size, i),
      );
      for (const frame of frames) {
        near.duplex.write(frame);
        far.duplex.write(frame);
      }
      await until(() => near.frames.length + far.frames.length === 2 * frames.length, 'all frames');
      expect(near.frames.map(sizeAndFirst)).toEqual(frames.map(sizeAndFirst));
      expect(far.frames.map(sizeAndFirst)).toEqual(frames.map(sizeAndFirst));
      near.duplex.cut(end(1));
    });

    test('a side that does not read is given nothing, presses back, and gets everything when it reads again', async () => {
      const { near, far } = await opened();
      far.duplex.pause();
      const sent = await fill(near, 64 * KIB);
      expect(sent).toBeLessThan(UNSEEN_FRAMES_MAX);
      expect(far.frames).toHaveLength(0);
      expect(near.drains).toBe(0);
      far.duplex.resume();
      await until(() => far.frames.length === sent && near.drains === 1, 'what was sent');
      near.duplex.cut(end(1));
    });

    test('the accepting side is pressed back upon just so', async () => {
      const { near, far } = await opened();
      near.duplex.pause();
      const sent = await fill(far, 64 * KIB);
      expect(sent).toBeLessThan(UNSEEN_FRAMES_MAX);
      near.duplex.resume();
      await until(() => near.frames.length === sent && far.drains === 1, 'what was sent');
      near.duplex.cut(end(1));
    });

    test.each([1, 15, 100])(
      'all of %i frames that were written before the end arrive before it',
      async count => {
        const { near, far } = await opened();
        const texts = Array.from({ length: count }, (_, i) => String(i));
        for (const text of texts) far.duplex.write(bytes(text));
        far.duplex.end();
        await until(() => near.ends.length > 0 && far.ends.length > 0, 'the end');
        expect(near.texts).toEqual(texts);
        expect([near.ends[0]!.status, far.ends[0]!.status]).toEqual([0, 0]);
      },
    );

    test('when the opener ends its side, the other has got everything, may still answer, and then end it in good order', async () => {
      const { near, far, sendsNoMore } = await opened();
      near.duplex.write(bytes('last'));
      near.duplex.end();
      await until(sendsNoMore, 'its end');
      expect(far.texts).toEqual(['last']);
      expect([near.ends, far.ends]).toEqual([[], []]);
      far.duplex.write(bytes('answer'));
      far.duplex.end();
      await until(() => near.ends.length > 0 && far.ends.length > 0, 'the end');
      expect(near.texts).toEqual(['answer']);
      expect([near.ends[0]!.status, far.ends[0]!.status]).toEqual([0, 0]);
    });

    test('a cut by the opener ends both sides, once', async () => {
      const { near, far } = await opened();
      near.duplex.cut(end(3, 'enough'));
      near.duplex.cut(end(4, 'more than enough'));
      await until(() => near.ends.length > 0 && far.ends.length > 0, 'the end');
      await until(() => true, 'nothing more');
      expect(near.ends).toEqual([end(3, 'enough')]);
      expect(far.ends.map(({ status }) => status)).toEqual([1]);
    });

    test('a cut by the accepting side ends both, and tells the opener why', async () => {
      const { near, far } = await opened();
      far.duplex.cut(end(8, 'too much of it'));
      far.duplex.cut(end(4, 'far too much'));
      await until(() => near.ends.length > 0, 'the end');
      expect(near.ends).toEqual([end(8, 'too much of it')]);
      expect(far.ends).toEqual([end(8, 'too much of it')]);
    });

    test('a cut reaches also a side that reads nothing', async () => {
      const { near, far } = await opened();
      near.duplex.pause();
      await fill(far, 256 * KIB);
      far.duplex.cut(end(8, 'it reads nothing'));
      await until(() => near.ends.length > 0, 'the end');
      expect(near.ends).toHaveLength(1);
      expect(near.ends[0]!.status).not.toBe(0);
    });

    test('what is written after the end is nothing', async () => {
      const { near, far } = await opened();
      near.duplex.cut(end(1));
      near.duplex.write(bytes('a'));
      near.duplex.resume();
      await until(() => far.ends.length > 0, 'the end');
      far.duplex.write(bytes('b'));
      far.duplex.end();
      await until(() => true, 'nothing more');
      expect([near.ends.length, far.ends.length, far.frames.length]).toEqual([1, 1, 0]);
    });

    test('a crash of the other side ends it, and not in good order', async () => {
      const { near, crash } = await opened();
      crash();
      await until(() => near.ends.length > 0, 'the end');
      expect(near.ends).toHaveLength(1);
      expect(near.ends[0]!.status).not.toBe(0);
    });
  });
}

/** Writes until it is told to stop, as the port bids. @returns how many frames that took */
async function fill({ duplex }: Side, size: number): Promise<number> {
  for (let sent = 1; ; sent++) {
    if (!duplex.write(Buffer.alloc(size))) return sent;
    await settled();
    if (sent > UNSEEN_FRAMES_MAX) return sent;
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + WAIT_MS_MAX;
  do await settled();
  while (!holds() && performance.now() < deadline);
  expect(holds(), what).toBe(true);
}

function bytes(text: string): Buffer {
  return Buffer.from(text);
}

function end(status: number, why = 'it is over'): DuplexEnd {
  return { status, why };
}

function sizeAndFirst(frame: Uint8Array): readonly (number | undefined)[] {
  return [frame.byteLength, frame[0], frame.at(-1)];
}
