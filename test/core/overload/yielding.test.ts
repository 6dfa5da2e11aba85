/** What a client feels decides how fast background work goes: by table, and by a replay in small. */
import { describe, expect, test } from 'vitest';
import {
  afterAsking,
  afterClient,
  afterOverload,
  NOBODY_SERVED,
  speed,
  waitMs,
  type Yielding,
} from '../../../src/core/overload/yielding.ts';

/** Clients' requests, half of them with a batch under way. */
function served(
  count: number,
  { quietMs, disturbedMs }: { quietMs: number; disturbedMs: number },
  from: Yielding = NOBODY_SERVED,
): Yielding {
  let yielding = from;
  for (let i = 0; i < count; i++) {
    yielding = afterClient(yielding, { ms: quietMs, underWay: false, now: i });
    yielding = afterClient(yielding, { ms: disturbedMs, underWay: true, now: i });
  }
  return yielding;
}

const pause = (yielding: Yielding, now = 100, lanes = 1) => waitMs(yielding, { tookMs: 10, lanes, now });

describe('while no client asks', () => {
  test('whole batches go, several at once, without a pause', () => {
    expect(speed(NOBODY_SERVED, 0)).toEqual({ recordsMax: 64, bytesMax: 256 * 1024, inFlightMax: 4 });
    expect(pause(NOBODY_SERVED)).toBe(0);
  });

  test('so do they a second after the last one did', () => {
    const yielding = served(1, { quietMs: 1, disturbedMs: 50 });
    expect(speed(yielding, 999).inFlightMax).toBe(1);
    expect(speed(yielding, 1000).inFlightMax).toBe(4);
    expect(pause(yielding, 1000)).toBe(0);
  });
});

describe('while clients are served', () => {
  test('small batches go one by one, and take an eighth of the time', () => {
    const yielding = served(1, { quietMs: 5, disturbedMs: 5 });
    expect(speed(yielding, 0)).toEqual({ recordsMax: 16, bytesMax: 64 * 1024, inFlightMax: 1 });
    expect(pause(yielding)).toBe(70);
  });

  test.each([
    ['they feel nothing', { quietMs: 5, disturbedMs: 5 }, 1 / 2],
    ['they feel what nobody could tell', { quietMs: 0.5, disturbedMs: 1.4 }, 1 / 2],
    ['they feel what two estimates of the same may differ by', { quietMs: 10, disturbedMs: 13 }, 1 / 2],
    ['they wait for half as long again', { quietMs: 10, disturbedMs: 16 }, 1 / 32],
    ['they wait for ten times as long', { quietMs: 5, disturbedMs: 50 }, 1 / 32],
  ])('and %s, the share goes where it belongs', (_, felt, share) => {
    expect(served(1_000, felt).share).toBeCloseTo(share, 5);
  });

  test('a share that was too small grows again, to no more than a half: there are always quiet moments', () => {
    const fallen = served(1_000, { quietMs: 5, disturbedMs: 50 });
    const risen = served(5_000, { quietMs: 5, disturbedMs: 5 }, fallen);
    expect(risen.share).toBe(1 / 2);
    expect(pause(risen)).toBe(10);
  });

  test('one moment of bad luck is judged by nobody', () => {
    expect(served(19, { quietMs: 5, disturbedMs: 500 }).share).toBe(NOBODY_SERVED.share);
    expect(served(20, { quietMs: 5, disturbedMs: 500 }).share).toBeLessThan(NOBODY_SERVED.share);
  });

  test('a receiver that takes longer is left alone for longer, but never for more than a tenth of a second', () => {
    const yielding = served(1, { quietMs: 5, disturbedMs: 5 });
    expect(waitMs(yielding, { tookMs: 5, lanes: 1, now: 0 })).toBe(35);
    expect(waitMs(yielding, { tookMs: 10, lanes: 1, now: 0 })).toBe(70);
    expect(waitMs(yielding, { tookMs: 5_000, lanes: 1, now: 0 })).toBe(100);
  });

  test('on a machine where whatever meets a batch is slow, ten batches a second go to each receiver all the same', () => {
    const least = served(1_000, { quietMs: 5, disturbedMs: 50 });
    expect(waitMs(least, { tookMs: 60, lanes: 1, now: 0 })).toBe(100);
    expect(waitMs(least, { tookMs: 60, lanes: 3, now: 0 })).toBe(300);
  });

  test('several receivers share the share', () => {
    expect(pause(served(1, { quietMs: 5, disturbedMs: 5 }), 0, 3)).toBe(230);
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
