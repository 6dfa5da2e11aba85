import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FOLLOW_MS_MAX, observe, tick, toMs } from '../../../src/core/record/hybrid-clock.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 0, 1);

describe('the clock', () => {
  test('never stands still or goes back, whatever the wall clock does', () => {
    const walls = fc.array(fc.integer({ min: 0, max: NOW_MS + 100 * HOUR_MS }), { minLength: 2 });
    fc.assert(
      fc.property(walls, wallsMs => {
        let last = 0;
        for (const wallMs of wallsMs) {
          const next = tick(last, wallMs);
          expect(next).toBeGreaterThan(last);
          last = next;
        }
      }),
    );
  });

  test('is the wall clock while that goes on by itself', () => {
    expect(toMs(tick(tick(0, NOW_MS), NOW_MS + 5))).toBe(NOW_MS + 5);
  });

  test('counts within one millisecond', () => {
    const first = tick(0, NOW_MS);
    expect([tick(first, NOW_MS), toMs(tick(first, NOW_MS))]).toEqual([first + 1, NOW_MS]);
  });

  test('goes on from where it was when the wall clock jumps back an hour', () => {
    const before = tick(0, NOW_MS);
    expect(tick(before, NOW_MS - HOUR_MS)).toBe(before + 1);
  });

  test('jumps an hour ahead with the wall clock, and stays there when that comes back', () => {
    const ahead = tick(tick(0, NOW_MS), NOW_MS + HOUR_MS);
    expect(toMs(ahead)).toBe(NOW_MS + HOUR_MS);
    expect(tick(ahead, NOW_MS)).toBe(ahead + 1);
  });

  test('takes a wall clock with fractions of a millisecond', () => {
    expect(Number.isSafeInteger(tick(0, NOW_MS + 0.7))).toBe(true);
  });

  test('is a safe integer until the year 2248', () => {
    expect(Number.isSafeInteger(tick(0, Date.UTC(2248, 0, 1)))).toBe(true);
  });
});

describe('another clock', () => {
  const last = tick(0, NOW_MS);

  test('that is a little ahead is followed: what is written next is later than what was heard', () => {
    const heard = tick(0, NOW_MS + FOLLOW_MS_MAX);
    const followed = observe(last, { heard, wallMs: NOW_MS });
    expect(tick(followed, NOW_MS)).toBeGreaterThan(heard);
  });

  test('that is a millisecond too far ahead, or a hundred years, is not (TRAPS C11)', () => {
    for (const ms of [FOLLOW_MS_MAX + 1, HOUR_MS, 100 * 365 * 24 * HOUR_MS]) {
      expect(observe(last, { heard: tick(0, NOW_MS + ms), wallMs: NOW_MS })).toBe(last);
    }
  });

  test('that is behind changes nothing', () => {
    expect(observe(last, { heard: tick(0, NOW_MS - HOUR_MS), wallMs: NOW_MS })).toBe(last);
  });
});
