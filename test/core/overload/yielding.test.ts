/** What a client feels decides how fast background work goes: by table, and by a replay in small. */
import { describe, expect, test } from 'vitest';
import {
  afterAsking,
  afterBeside,
  afterOverload,
  afterQuiet,
  NOBODY_SERVED,
  speed,
  waitMs,
  type Yielding,
} from '../../../src/core/overload/yielding.ts';

interface Felt {
  readonly quietMs: number;
  readonly besideMs: number;
  /** One in so many of those beside work takes `besideMs`, the others as long as in quiet moments. */
  readonly oneIn?: number;
  /** When the first one ends, and how much later each other one does. */
  readonly fromMs?: number;
  readonly everyMs?: number;
}

/** Clients' requests, one in a quiet moment and one beside work in turns. */
function served(
  count: number,
  { quietMs, besideMs, oneIn = 1, fromMs = 0, everyMs = 20 }: Felt,
  from: Yielding = NOBODY_SERVED,
): Yielding {
  let yielding = afterAsking(from, 0);
  for (let i = 0; i < count; i++) {
    yielding = afterQuiet(yielding, quietMs);
    yielding = afterBeside(yielding, i % oneIn === 0 ? besideMs : quietMs, fromMs + i * everyMs);
  }
  return yielding;
}

const pause = (yielding: Yielding, now = 100, lanes = 1) => waitMs(yielding, { tookMs: 5, lanes, now });

describe('while no client asks', () => {
  test('whole batches go, several at once, without a pause', () => {
    expect(speed(NOBODY_SERVED, 0)).toEqual({ recordsMax: 64, bytesMax: 256 * 1024, inFlightMax: 4 });
    expect(pause(NOBODY_SERVED)).toBe(0);
  });

  test('so do they a second after the last one did', () => {
    const yielding = afterAsking(NOBODY_SERVED, 0);
    expect(speed(yielding, 999).inFlightMax).toBe(1);
    expect(speed(yielding, 1000).inFlightMax).toBe(4);
    expect(pause(yielding, 1000)).toBe(0);
  });
});

describe('while clients are served', () => {
  const first = afterAsking(NOBODY_SERVED, 0);

  test('small batches go one by one, and take a sixteenth of the time', () => {
    expect(speed(first, 0)).toEqual({ recordsMax: 16, bytesMax: 64 * 1024, inFlightMax: 1 });
    expect(pause(first)).toBe(75);
  });

  test.each([
    ['they feel nothing', { quietMs: 5, besideMs: 5 }, 1 / 2],
    ['they feel what nobody could tell', { quietMs: 0.5, besideMs: 1.4 }, 1 / 2],
    ['they feel what two estimates of the same may differ by', { quietMs: 10, besideMs: 13 }, 1 / 2],
    ['one in twenty waits for ten times as long', { quietMs: 5, besideMs: 50, oneIn: 20 }, 1 / 2],
    ['one in five does', { quietMs: 5, besideMs: 50, oneIn: 5 }, 1 / 32],
    ['they wait for half as long again', { quietMs: 10, besideMs: 16 }, 1 / 32],
    ['they wait for ten times as long', { quietMs: 5, besideMs: 50 }, 1 / 32],
  ])('and %s, the share goes where it belongs', (_, felt, share) => {
    expect(served(2_000, felt).share).toBeCloseTo(share, 5);
  });

  test('a larger share goes in larger batches, and a smaller one in no smaller ones', () => {
    const half = served(2_000, { quietMs: 5, besideMs: 5 });
    expect(speed(half, 0)).toEqual({ recordsMax: 64, bytesMax: 256 * 1024, inFlightMax: 1 });
    const least = served(1_000, { quietMs: 5, besideMs: 50 });
    expect(speed(least, 0)).toEqual({ recordsMax: 16, bytesMax: 64 * 1024, inFlightMax: 1 });
  });

  test('a share that was too small grows again, to no more than a half', () => {
    const fallen = served(1_000, { quietMs: 5, besideMs: 50 });
    const risen = served(5_000, { quietMs: 5, besideMs: 5 }, fallen);
    expect(risen.share).toBe(1 / 2);
    expect(pause(risen)).toBe(5);
  });

  test('it is judged every two seconds, however many ask, and sooner if most are slowed', () => {
    const crowd = { quietMs: 5, besideMs: 5, everyMs: 1 };
    expect(served(2_000, crowd).share).toBe(1 / 16);
    expect(served(2_001, crowd).share).toBeCloseTo((1 / 16) * 1.4, 5);
    expect(served(2_000, { ...crowd, besideMs: 50, oneIn: 5 }).share).toBe(1 / 16);
    expect(served(2_001, { ...crowd, besideMs: 50, oneIn: 5 }).share).toBe(1 / 32);
    expect(served(500, { ...crowd, besideMs: 50 }).share).toBe(1 / 16);
    expect(served(501, { ...crowd, besideMs: 50 }).share).toBe(1 / 32);
  });

  test('one moment in which all stood still is judged by nobody', () => {
    const crowd = { quietMs: 5, besideMs: 5, everyMs: 0.2 };
    const still = served(500, { ...crowd, besideMs: 50 });
    expect(served(9_501, { ...crowd, fromMs: 100 }, still).share).toBeGreaterThan(still.share);
  });

  test('nor are few', () => {
    expect(served(49, { quietMs: 5, besideMs: 500 }).share).toBe(NOBODY_SERVED.share);
    expect(served(50, { quietMs: 5, besideMs: 500 }).share).toBeLessThan(NOBODY_SERVED.share);
  });

  test('while it is unknown what they are used to nobody judges', () => {
    let yielding = first;
    for (let i = 0; i < 1_000; i++) yielding = afterBeside(yielding, 500, i);
    expect(yielding.share).toBe(NOBODY_SERVED.share);
  });

  test('a receiver that takes longer is left alone for longer, but never for more than a tenth of a second', () => {
    expect(waitMs(first, { tookMs: 2, lanes: 1, now: 0 })).toBe(30);
    expect(waitMs(first, { tookMs: 4, lanes: 1, now: 0 })).toBe(60);
    expect(waitMs(first, { tookMs: 5_000, lanes: 1, now: 0 })).toBe(100);
  });

  test('when clients do feel it, ten batches a second go to each receiver all the same', () => {
    const least = served(1_000, { quietMs: 5, besideMs: 50 });
    expect(waitMs(least, { tookMs: 60, lanes: 1, now: 0 })).toBe(100);
    expect(waitMs(least, { tookMs: 60, lanes: 3, now: 0 })).toBe(300);
  });

  test('several receivers share the share', () => {
    expect(pause(first, 0, 3)).toBe(235);
  });
});

test('a client that only asks, and has no answer yet, is yielded to', () => {
  expect(speed(afterAsking(NOBODY_SERVED, 0), 999).inFlightMax).toBe(1);
});

test('a refusal for overload counts for a client', () => {
  const refused = afterOverload(NOBODY_SERVED, 0);
  expect(speed(refused, 999).inFlightMax).toBe(1);
  expect(refused.share).toBeLessThan(NOBODY_SERVED.share);
  let share = refused;
  for (let i = 0; i < 100; i++) share = afterOverload(share, 0);
  expect(share.share).toBe(1 / 32);
});
