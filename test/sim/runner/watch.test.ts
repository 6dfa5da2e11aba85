/** A replay as it is seen from outside: what is said when no verdict comes. */
import { describe, expect, test, vi } from 'vitest';
import { NO_TOTALS } from './figures.ts';
import { watchReplay } from './watch.ts';
import type { Answer } from './worker-process.ts';

function watched(answer: Promise<Answer>) {
  const said: string[] = [];
  const worker = { run: () => answer, end: () => {} };
  return { said, held: watchReplay(5, { worker, complain: text => said.push(text) }) };
}

describe('a replay', () => {
  test('that holds is not spoken of', async () => {
    const { held, said } = watched(Promise.resolve({ kind: 'held', figures: NO_TOTALS }));
    expect(await held).toBe(true);
    expect(said).toEqual([]);
  });

  test('that ends its process has not held, and says how it ended', async () => {
    const { held, said } = watched(Promise.resolve({ kind: 'crashed', text: 'its process ended with 7' }));
    expect(await held).toBe(false);
    expect(said).toEqual(['seed 5 crashed: its process ended with 7\n']);
  });

  test('that never ends is said to be waited for, again and again', () => {
    vi.useFakeTimers();
    try {
      const { said } = watched(new Promise(() => {}));
      vi.advanceTimersByTime(60_000);
      expect(said).toEqual([
        'seed 5 has not ended after 30 s; Ctrl-C ends it\n',
        'seed 5 has not ended after 60 s; Ctrl-C ends it\n',
      ]);
    } finally {
      vi.useRealTimers();
    }
  });
});
