/** How unusual a silence is: it grows with the silence, and less on a link that is used to them. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { Rhythm } from '../../../src/core/membership/accrual.ts';

/** One that was heard with these pauses, again and again; and when it was heard last. */
function listening(...pausesMs: readonly number[]): { readonly rhythm: Rhythm; readonly lastMs: number } {
  const rhythm = new Rhythm(0);
  let lastMs = 0;
  for (let i = 0; i < 200; i++) {
    lastMs += pausesMs[i % pausesMs.length]!;
    rhythm.heard(lastMs);
  }
  return { rhythm, lastMs };
}

const phiAfter = (silenceMs: number, ...pausesMs: readonly number[]) => {
  const { rhythm, lastMs } = listening(...pausesMs);
  return rhythm.phi(lastMs + silenceMs);
};

describe('phi of a silence', () => {
  it.each<[what: string, silenceMs: number, pausesMs: readonly number[], from: number, to: number]>([
    ['as long as ever', 200, [200], 0, 0.01],
    ['two deviations beyond the mean: one in forty', 400, [200], 1.5, 1.8],
    ['three deviations beyond: one in a thousand, worth a question', 515, [200], 2.9, 3.4],
    ['of a second on a steady link', 1_000, [200], 10, 30],
    ['of a second on a link used to pauses of 200 ms and of 1 s', 1_000, [200, 1_000], 0.3, 1],
    ['of an hour', 3_600_000, [200], 1_000, Number.MAX_VALUE],
    ['on a link whose messages come by the thousand: a burst is one sign', 100, [1], 0, 1],
  ])('%s', (_, silenceMs, pausesMs, from, to) => {
    const phi = phiAfter(silenceMs, ...pausesMs);
    expect(phi).toBeGreaterThanOrEqual(from);
    expect(phi).toBeLessThanOrEqual(to);
  });

  test('before anything was heard is judged by half a second, with patience', () => {
    const rhythm = new Rhythm(1_000);
    expect(rhythm.phi(1_500)).toBe(0);
    expect(rhythm.phi(2_000)).toBeLessThan(3);
    expect(rhythm.phi(3_000)).toBeGreaterThan(3);
  });

  test('is never less than none, and grows with the silence', () => {
    const pauses = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 20 });
    const silences = fc.tuple(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 60_000 }));
    fc.assert(
      fc.property(pauses, silences, (pausesMs, [a, b]) => {
        const { rhythm, lastMs } = listening(...pausesMs);
        const [shorter, longer] = [rhythm.phi(lastMs + Math.min(a, b)), rhythm.phi(lastMs + Math.max(a, b))];
        expect(shorter).toBeGreaterThanOrEqual(0);
        expect(longer).toBeGreaterThanOrEqual(shorter);
      }),
      { numRuns: 100 },
    );
  });
});

test('unrest makes the same silence more usual, though the mean is the same', () => {
  expect(phiAfter(900, 100, 700)).toBeLessThan(phiAfter(900, 400));
});

test('what was heard last ends the silence', () => {
  const { rhythm, lastMs } = listening(200);
  rhythm.heard(lastMs + 5_000);
  expect(rhythm.heardAt).toBe(lastMs + 5_000);
  expect(rhythm.phi(lastMs + 5_100)).toBe(0);
});

test('a stall of this node is nobody’s silence, and does not become part of the rhythm (TRAPS R10)', () => {
  const [stalled, usual] = [listening(200), listening(200)];
  stalled.rhythm.excuse(5_000, stalled.lastMs + 5_200);
  expect(stalled.rhythm.phi(stalled.lastMs + 5_300)).toBe(usual.rhythm.phi(usual.lastMs + 300));
  stalled.rhythm.heard(stalled.lastMs + 5_200);
  usual.rhythm.heard(usual.lastMs + 200);
  expect(stalled.rhythm.phi(stalled.lastMs + 5_700)).toBe(usual.rhythm.phi(usual.lastMs + 700));
});

test('a stall excuses no more than the silence there was: what was heard during it is not still to come', () => {
  const { rhythm, lastMs } = listening(200);
  rhythm.heard(lastMs + 4_900);
  rhythm.excuse(5_000, lastMs + 5_200);
  expect(rhythm.heardAt).toBe(lastMs + 5_200);
});
