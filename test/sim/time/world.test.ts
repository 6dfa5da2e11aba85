/** Time in the simulator: what happens when, and in which order. */
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import { Trace } from '../trace.ts';
import { World } from './world.ts';

function world() {
  return new World(new Trace({ keep: false }));
}

const never = () => false;

describe('events', () => {
  it('happen in the order of their times, at their times', async () => {
    const at = world();
    const seen: [string, number][] = [];
    for (const [name, ms] of [
      ['late', 30],
      ['soon', 10],
      ['then', 20],
    ] as const) {
      at.after(ms, () => seen.push([name, at.now]));
    }
    await at.run({ until: never, ms: 100 });
    expect(seen).toEqual([
      ['soon', 10],
      ['then', 20],
      ['late', 30],
    ]);
  });

  it('of one time happen in the order in which they were scheduled', async () => {
    const at = world();
    const seen: number[] = [];
    for (let i = 0; i < 100; i += 1) at.after(5, () => seen.push(i));
    await at.run({ until: never, ms: 5 });
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('come in order however many there are, with most of them cancelled on the way', async () => {
    const at = world();
    const random = new SeededRandom(7);
    const times = Array.from({ length: 5_000 }, () => random.below(1_000));
    const seen: number[] = [];
    const timers = times.map((ms, i) => at.after(ms, () => seen.push(i)));
    const kept = new Set(times.map((_, i) => i).filter(i => i % 5 === 0));
    for (const [i, timer] of timers.entries()) if (!kept.has(i)) timer.cancel();
    expect(at.pending).toBe(kept.size);
    await at.run({ until: never, ms: 1_000 });
    expect(seen).toEqual([...kept].sort((a, b) => times[a]! - times[b]! || a - b));
    expect(at.pending).toBe(0);
  });

  it('of the past happen now, and never turn time back', async () => {
    const at = world();
    const seen: number[] = [];
    at.after(10, () => void at.at(3, () => seen.push(at.now)));
    at.after(10, () => void at.after(-5, () => seen.push(at.now)));
    await at.run({ until: never, ms: 20 });
    expect(seen).toEqual([10, 10]);
  });

  it('cancelled twice, or after they happened, count once', async () => {
    const at = world();
    const timer = at.after(1, () => {});
    at.after(2, () => {}).cancel();
    await at.run({ until: never, ms: 1 });
    timer.cancel();
    timer.cancel();
    expect(at.pending).toBe(0);
  });

  it('do not begin before all promises of the one before have run', async () => {
    const at = world();
    const seen: string[] = [];
    at.after(1, () => {
      let chain = Promise.resolve();
      for (let i = 0; i < 20; i += 1) chain = chain.then(() => {});
      void chain.then(() => seen.push('the last promise of the first'));
    });
    at.after(1, () => seen.push('the second'));
    await at.run({ until: never, ms: 1 });
    expect(seen).toEqual(['the last promise of the first', 'the second']);
  });
});

describe('the end of a turn', () => {
  it('comes when all promises of its event have run, and before the next event of the same time', async () => {
    const at = world();
    const seen: string[] = [];
    at.after(1, () => {
      at.atEnd(() => seen.push('end'));
      void Promise.resolve()
        .then(() => {})
        .then(() => seen.push('promise'));
      seen.push('event');
    });
    at.after(1, () => seen.push('next event'));
    await at.run({ until: never, ms: 10 });
    expect(seen).toEqual(['event', 'promise', 'end', 'next event']);
  });

  it('may lead to another, and is no event', async () => {
    const at = world();
    const seen: string[] = [];
    at.after(1, () =>
      at.atEnd(() => {
        void Promise.resolve().then(() => at.atEnd(() => seen.push(`second at ${at.now}`)));
        seen.push('first');
      }),
    );
    await at.run({ until: never, ms: 10 });
    expect(seen).toEqual(['first', 'second at 1']);
    expect(at.fired).toBe(1);
  });
});

describe('a run', () => {
  it('stops as soon as its condition holds, at the time when that came true', async () => {
    const at = world();
    let happened = 0;
    for (const ms of [10, 20, 30]) at.after(ms, () => (happened += 1));
    expect(await at.run({ until: () => happened === 2, ms: 100 })).toBe(true);
    expect([at.now, happened, at.pending]).toEqual([20, 2, 1]);
  });

  it('in vain ends when its time is over, and not before', async () => {
    const at = world();
    let happened = false;
    at.after(101, () => (happened = true));
    expect(await at.run({ until: () => happened, ms: 100 })).toBe(false);
    expect([at.now, happened]).toEqual([100, false]);
    expect(await at.run({ until: () => happened, ms: 1 })).toBe(true);
  });

  it('ends with what an event throws', async () => {
    const at = world();
    at.after(1, () => {
      throw new Error('broken promise');
    });
    await expect(at.run({ until: never, ms: 10 })).rejects.toThrow('broken promise');
  });
});
