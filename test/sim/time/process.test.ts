/** What a simulated process sees of time, and what becomes of it when it is stopped or ended. */
import { describe, expect, it } from 'vitest';
import { Trace } from '../trace.ts';
import { MachineClock } from './machine-clock.ts';
import { Process } from './process.ts';
import { World } from './world.ts';

function machine({ rate = 1, wallOffMs = 0 } = {}) {
  const world = new World(new Trace({ keep: false }));
  const clock = new MachineClock({ world, rate, wallOffMs });
  const process = new Process({ world, name: 'n1', clock });
  const pass = (ms: number) => world.run({ until: () => false, ms });
  return { world, clock, process, pass };
}

describe('a clock', () => {
  it('that runs fast sees more time pass, and its timers are due sooner', async () => {
    const { world, process, pass } = machine({ rate: 1.25 });
    const due: number[] = [];
    process.clock.after(1_000, () => due.push(world.now, process.clock.now()));
    await pass(2_000);
    expect(due).toEqual([800, 1_000]);
    expect(process.clock.now()).toBe(2_500);
  });

  it('of the wall jumps when it is set, and the monotonic one does not notice', async () => {
    const { clock, process, pass } = machine({ wallOffMs: -250 });
    await pass(1_000);
    expect(new Date(process.clock.wall()).toISOString()).toBe('2026-01-01T00:00:00.750Z');
    clock.wallOffMs -= 3_600_000;
    expect(new Date(process.clock.wall()).toISOString()).toBe('2025-12-31T23:00:00.750Z');
    expect(process.clock.now()).toBe(1_000);
  });

  it('of the wall tells whole milliseconds', async () => {
    const { process, pass } = machine();
    await pass(0.7);
    expect(Number.isInteger(process.clock.wall())).toBe(true);
  });

  it('outlives a process', async () => {
    const { world, clock, process, pass } = machine();
    await pass(100);
    process.end();
    expect(new Process({ world, name: 'n1', clock }).clock.now()).toBe(100);
  });

  it.each([
    [5.9, 5],
    [1, 1],
    [0.2, 1],
    [0, 1],
    [-3, 1],
    [Number.NaN, 1],
  ])('that is asked for %d ms waits %d, as Node does', async (asked, waited) => {
    const { world, process, pass } = machine();
    let due: number | undefined;
    process.clock.after(asked, () => (due = world.now));
    await pass(10);
    expect(due).toBe(waited);
  });
});

describe('a process that is paused', () => {
  it('runs nothing; when it goes on, its due timers come first, and then what arrived, in order', async () => {
    const { world, process, pass } = machine();
    const seen: string[] = [];
    process.clock.after(30, () => seen.push('timer 30'));
    process.clock.after(20, () => seen.push('timer 20'));
    process.clock.after(500, () => seen.push('timer 500'));
    for (const ms of [5, 25, 40]) world.after(ms, () => process.deliver(() => seen.push(`message ${ms}`)));
    process.pause();
    await pass(100);
    expect(seen).toEqual([]);
    process.resume();
    await pass(0);
    expect(seen).toEqual(['timer 20', 'timer 30', 'message 5', 'message 25', 'message 40']);
    await pass(400);
    expect(seen.at(-1)).toBe('timer 500');
  });

  it('catches up before it takes what comes in the same moment', async () => {
    const { world, process, pass } = machine();
    const seen: string[] = [];
    process.pause();
    process.deliver(() => seen.push('old'));
    world.after(10, () => process.resume());
    world.after(10, () => process.deliver(() => seen.push('new')));
    await pass(10);
    expect(seen).toEqual(['old', 'new']);
  });

  it('again while it catches up keeps the rest, in order', async () => {
    const { process, pass } = machine();
    const seen: number[] = [];
    process.pause();
    for (const i of [1, 2, 3]) {
      process.deliver(() => {
        seen.push(i);
        if (i === 1) process.pause();
      });
    }
    process.resume();
    await pass(10);
    expect(seen).toEqual([1]);
    process.deliver(() => seen.push(4));
    process.resume();
    await pass(10);
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('again before it has begun to catch up runs nothing', async () => {
    const { process, pass } = machine();
    const seen: string[] = [];
    process.pause();
    process.deliver(() => seen.push('message'));
    process.resume();
    process.pause();
    await pass(10);
    expect(seen).toEqual([]);
    process.resume();
    await pass(0);
    expect(seen).toEqual(['message']);
  });

  it('has let all promises of one thing run before it turns to the next', async () => {
    const { process, pass } = machine();
    const seen: string[] = [];
    process.pause();
    process.deliver(() => {
      void Promise.resolve().then(() => seen.push('what follows the first'));
    });
    process.deliver(() => seen.push('the second'));
    process.resume();
    await pass(1);
    expect(seen).toEqual(['what follows the first', 'the second']);
  });

  it('does not run a due timer that one before it cancelled', async () => {
    const { process, pass } = machine();
    const seen: string[] = [];
    process.clock.after(10, () => second.cancel());
    const second = process.clock.after(20, () => seen.push('second'));
    process.pause();
    await pass(50);
    process.resume();
    await pass(50);
    expect(seen).toEqual([]);
  });

  it('knows how long it stood still in all', async () => {
    const { process, pass } = machine();
    process.pause();
    await pass(10);
    process.pause();
    await pass(5);
    expect(process.pausedMs).toBe(15);
    process.resume();
    await pass(100);
    process.pause();
    await pass(2);
    expect(process.pausedMs).toBe(17);
  });
});

describe('a process that is ended', () => {
  it('runs nothing any more: no timer, nothing that arrives, nothing that waited', async () => {
    const { process, pass } = machine();
    const seen: string[] = [];
    process.clock.after(10, () => seen.push('timer'));
    process.pause();
    process.deliver(() => seen.push('waited'));
    process.end();
    process.resume();
    process.deliver(() => seen.push('arrives'));
    await pass(100);
    expect(seen).toEqual([]);
    expect([process.alive, process.paused]).toEqual([false, false]);
  });

  it('ends no turn', async () => {
    const { process, pass, world } = machine();
    const seen: string[] = [];
    world.after(1, () => {
      process.turns.atEnd(() => seen.push('its turn'));
      process.end();
    });
    await pass(10);
    expect(seen).toEqual([]);
  });

  it('does not tell who has asked it not to', () => {
    const { process } = machine();
    const told: string[] = [];
    const off = process.onEnd(() => told.push('first'));
    process.onEnd(() => told.push('second'));
    off();
    process.end();
    expect(told).toEqual(['second']);
  });

  it('tells so once, in the order of asking', () => {
    const { process } = machine();
    const told: number[] = [];
    process.onEnd(() => told.push(1));
    process.onEnd(() => told.push(2));
    process.end();
    process.end();
    expect(told).toEqual([1, 2]);
  });

  it('while it catches up runs none of the rest', async () => {
    const { process, pass } = machine();
    const seen: number[] = [];
    process.pause();
    process.deliver(() => {
      seen.push(1);
      process.end();
    });
    process.deliver(() => seen.push(2));
    process.resume();
    await pass(1);
    expect(seen).toEqual([1]);
  });
});
