/** When single calls are made instead of streams, for how long, and when not. */
import { describe, expect, test } from 'vitest';
import { Fallback, UNARY_MS_FIRST, UNARY_MS_MAX } from '../../src/client/fallback.ts';

describe('where no stream opens', () => {
  test('one failed opening is no proof: a call need not even be tried', () => {
    const fallback = new Fallback();
    expect(fallback.notOpened()).toBe(false);
    expect(fallback.notOpened()).toBe(true);
  });

  test('nor are two with one between them that opened', () => {
    const fallback = new Fallback();
    fallback.notOpened();
    fallback.opened();
    expect(fallback.notOpened()).toBe(false);
  });

  test('nor when the node itself turned one away', () => {
    const fallback = new Fallback();
    fallback.notOpened();
    fallback.turnedAway();
    expect(fallback.notOpened()).toBe(false);
  });

  test('a call answered in time is believed for five seconds, twice as long each time, a minute at most', () => {
    const fallback = new Fallback();
    let now = 1000;
    fallback.notOpened();
    const spans: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      expect(fallback.notOpened()).toBe(true);
      fallback.callAnswered(now);
      const begun = now;
      while (fallback.unary(now)) now += 1000;
      spans.push(now - begun);
    }
    expect(spans).toEqual([UNARY_MS_FIRST, 10_000, 20_000, 40_000, UNARY_MS_MAX, UNARY_MS_MAX]);
  });

  test('while one request tries a stream again, the others do not wait for it', () => {
    const fallback = new Fallback();
    fallback.notOpened();
    fallback.notOpened();
    fallback.callAnswered(1);
    expect(fallback.unary(UNARY_MS_FIRST)).toBe(true);
    expect(fallback.unary(UNARY_MS_FIRST + 1)).toBe(false);
    expect(fallback.unary(UNARY_MS_FIRST + 2)).toBe(true);
  });

  test('a call that is answered after a stream has opened changes nothing', () => {
    const fallback = new Fallback();
    fallback.notOpened();
    fallback.notOpened();
    fallback.opened();
    fallback.callAnswered(1000);
    expect(fallback.unary(1001)).toBe(false);
  });
});

test('a node that knows no streams is asked for none for a minute', () => {
  const fallback = new Fallback();
  fallback.noStreams(1000);
  expect([fallback.unary(1001), fallback.unary(UNARY_MS_MAX), fallback.unary(UNARY_MS_MAX + 1000)]).toEqual([
    true,
    true,
    false,
  ]);
});
