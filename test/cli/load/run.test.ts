/**
 * Whole runs against a fake target, in virtual time: what is counted, what is left out, what is found
 * missing.
 */
import { describe, expect, test } from 'vitest';
import { ShoalError } from '../../../src/base/errors.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { fates } from './fake-target.ts';
import { mixOf, setUp } from './setting.ts';

const READS = { mix: mixOf({ read: 1 }), choice: 'uniform' } as const;
const ENDLESS = { operations: Number.POSITIVE_INFINITY };

describe('a closed loop', () => {
  test('keeps so many under way, and ends after its operations', async () => {
    const { run, target } = setUp();
    const figures = await run({ inFlight: 4, operations: 200 });
    expect(figures).toMatchObject({ endedBy: 'operations', all: { count: 200 }, failed: { count: 0 } });
    expect([target.requests, target.underWayMax]).toEqual([200, 4]);
    expect(figures.kinds.read!.count + figures.kinds.update!.count).toBe(200);
  });

  test('throughput is what ended in the time, by second', async () => {
    const { run } = setUp();
    const figures = await run({ ...READS, ...ENDLESS, measuredMs: 3000 });
    expect(figures).toMatchObject({ endedBy: 'time', seconds: 3 });
    expect(figures.all).toMatchObject({ p50: 2, p9999: 2, max: 2 });
    expect(figures.throughput).toHaveLength(3);
    for (const second of figures.throughput) expect(Math.abs(second - 2000)).toBeLessThan(5);
    expect(Math.abs(figures.operationsPerSecond - 2000)).toBeLessThan(2);
  });

  test('the last second is shown, though fractions of milliseconds do not add up', async () => {
    const { run, clock } = setUp();
    await clock.pass(5000.1);
    const figures = await run({ ...READS, ...ENDLESS, warmUpMs: 1000.2, measuredMs: 3000 });
    expect(figures.seconds).toBeLessThan(3);
    expect(figures.throughput).toHaveLength(3);
  });

  test('warm-up is in no figure, nor is its CPU', async () => {
    const { run, target, clock } = setUp();
    target.delayMs = () => (clock.now() < 990 ? 100 : 5);
    const figures = await run({ ...READS, ...ENDLESS, warmUpMs: 1000, measuredMs: 1000 });
    expect(figures.all.max).toBeLessThan(11);
    expect(figures.processes).toEqual([
      expect.objectContaining({ name: 'load', cpuSeconds: expect.closeTo(0.5, 2) }),
    ]);
    expect(figures.processes[0]!.cpuMicrosPerOperation).toBeCloseTo(500_000 / 400, -2);
  });

  test('an operation that is late to end counts with all its time', async () => {
    const { run, target, clock } = setUp();
    target.delayMs = () => (clock.now() > 900 ? 2000 : 1);
    const figures = await run({ ...READS, ...ENDLESS, measuredMs: 1000 });
    expect(figures.all.max).toBeGreaterThan(2000);
    expect(figures.seconds).toBe(1);
  });

  test('failures are counted by reason, with the time they took, and are no successes', async () => {
    const { run, target } = setUp();
    target.fate = () => 'refused';
    const figures = await run({ mix: mixOf({ update: 1 }), operations: 50 });
    expect(figures).toMatchObject({ errors: { OVERLOADED: 50 }, all: { count: 0 }, failed: { count: 50 } });
    expect(figures.operationsPerSecond).toBe(0);
  });

  test('what is refused at once is not asked again at once', async () => {
    const { run, target } = setUp();
    target.get = () => Promise.reject(new ShoalError('OVERLOADED', 'ask later'));
    const figures = await run({ ...READS, ...ENDLESS, measuredMs: 100 });
    expect(figures.failed.count).toBeLessThanOrEqual(404);
  });

  test('a defect ends the run, and is told', async () => {
    const { run, target } = setUp();
    target.fate = () => {
      throw new TypeError('a defect');
    };
    await expect(run()).rejects.toThrow('a defect');
  });

  test('told to end, it ends with the figures so far', async () => {
    const { run, clock, stop } = setUp();
    clock.after(1500, () => {
      stop.told = true;
    });
    const figures = await run({ ...ENDLESS, warmUpMs: 1000 });
    expect(figures.endedBy).toBe('told to');
    expect(figures.seconds).toBeCloseTo(0.5, 1);
    expect(figures.all.count).toBeGreaterThan(500);
  });
});

describe('an open loop', () => {
  const OPEN = { ...READS, ...ENDLESS, rate: 100, measuredMs: 10_000, inFlight: 1000 };

  test('operations arrive at the rate, whatever becomes of them', async () => {
    const { run, target } = setUp();
    target.delayMs = () => 400;
    const figures = await run(OPEN);
    expect(figures.all).toMatchObject({ count: 1000, p50: expect.closeTo(800, -1) });
    expect(target.underWayMax).toBe(80);
    expect(figures.openLoop).toMatchObject({ rate: 100, notStarted: 0 });
  });

  test('a stall is in the latency of all that arrived meanwhile (coordinated omission)', async () => {
    const stall = (now: number) => (now >= 4000 && now < 6000 ? 6000 - now : 1);
    const measured = async (options: object) => {
      const { run, target, clock } = setUp();
      target.delayMs = () => stall(clock.now());
      return (await run({ ...OPEN, ...options })).all;
    };
    const open = await measured({});
    expect(open.p90).toBeGreaterThan(900);
    expect(open.p99).toBeGreaterThan(1800);
    const closed = await measured({ rate: undefined, inFlight: 1 });
    expect(closed.max).toBeGreaterThan(1900);
    expect(closed.p99).toBeLessThan(10);
  });

  test('latency counts from the intended start, also when this process was late', async () => {
    const { run, clock } = setUp();
    const { after } = clock;
    clock.after = (ms, action) => after.call(clock, ms === 10 ? 40 : ms, action);
    const { all, openLoop } = await run(OPEN);
    expect(openLoop!.lateness.max).toBe(30);
    expect(all.max).toBe(32);
    expect(all.count).toBe(1000);
  });

  test('what arrives while too many are under way is given up and counted, and in no latency', async () => {
    const { run, target } = setUp();
    target.delayMs = () => 500;
    const { all, openLoop } = await run({ ...OPEN, inFlight: 10 });
    expect(target.underWayMax).toBe(10);
    expect(all.max).toBeLessThan(1010);
    expect(all.count + openLoop!.notStarted).toBe(1000);
    expect(openLoop!.notStarted).toBeGreaterThan(850);
  });

  test('a defect ends the run, and is told', async () => {
    const { run, target } = setUp();
    target.fate = () => {
      throw new TypeError('a defect');
    };
    await expect(run({ ...OPEN, mix: mixOf({ update: 1 }) })).rejects.toThrow('a defect');
  });
});

describe('what is done', () => {
  test('preload writes every key once; reads then find all of them', async () => {
    const { run, target } = setUp();
    const figures = await run({ ...READS, preload: true, keys: 30, operations: 100 });
    expect(figures.preload).toMatchObject({ records: 30, errors: {} });
    expect(target.keys.size).toBe(30);
    expect(figures.absent).toBe(0);
  });

  test('preload is as wide as a cluster bears, whatever an open loop allows', async () => {
    const { run, target } = setUp();
    await run({ ...READS, preload: true, check: true, keys: 2000, inFlight: 5000, operations: 1 });
    expect(target.underWayMax).toBe(256);
  });

  test('without it they find nothing, and that is said', async () => {
    const { run } = setUp();
    expect((await run({ ...READS, operations: 100 })).absent).toBe(100);
  });

  test('inserts make new keys, and latest reads find them', async () => {
    const { run, target } = setUp();
    const figures = await run({ mix: mixOf({ read: 9, insert: 1 }), choice: 'latest', preload: true });
    expect(target.keys.size).toBe(20 + figures.kinds.insert!.count);
    expect(figures.absent).toBe(0);
  });

  test('one after the other, updates leave one value; blind, they stand beside each other', async () => {
    const updates = { mix: mixOf({ update: 1 }), keys: 1, inFlight: 1, operations: 5 };
    expect((await setUp().run(updates)).siblingsMax).toBe(0);
    expect((await setUp().run({ ...updates, blind: true })).siblingsMax).toBe(4);
  });

  test('read-modify-write is one operation of two requests', async () => {
    const { run, target } = setUp();
    const figures = await run({ mix: mixOf({ rmw: 1 }), operations: 10, inFlight: 1 });
    expect(figures.kinds.rmw).toMatchObject({ count: 10, p50: expect.closeTo(4, 1) });
    expect(target.requests).toBe(20);
  });

  test('each second is shown, phase by phase', async () => {
    const { run, progress } = setUp();
    await run({ ...READS, ...ENDLESS, warmUpMs: 2000, measuredMs: 2000 });
    expect(progress.map(({ phase }) => phase)).toEqual(['warm-up', 'warm-up', 'measured', 'measured']);
    expect(progress[0]).toMatchObject({ p50: 2, errors: 0, underWay: 4 });
  });
});

describe('the check', () => {
  const ALL = { mix: mixOf({ read: 4, update: 6, insert: 1, rmw: 3, delete: 2 }), check: true } as const;
  const SEEDS = Array.from({ length: 25 }, (_, seed) => seed + 1);

  test('finds nothing missing where nothing is, whatever the outcomes, and however writes cross', async () => {
    for (const seed of SEEDS) {
      const random = new SeededRandom(seed);
      const { run, target } = setUp();
      target.delayMs = () => random.below(20);
      target.fate = fates(random, 'well', 'well', 'well', 'well', 'applied', 'unknown', 'refused');
      const options = { ...ALL, seed, keys: 5, contextsMax: 3, inFlight: 8, operations: 300 };
      const { check } = await run(options);
      expect({ seed, lost: check!.lost }).toEqual({ seed, lost: [] });
      expect(check!.keys).toBeGreaterThan(5);
    }
  });

  test('finds acknowledged writes that are gone, by key, and what is there instead', async () => {
    for (const seed of SEEDS) {
      const random = new SeededRandom(seed);
      const { run, target } = setUp();
      target.fate = () => (random.chance(0.1) ? 'lost' : 'well');
      const { check } = await run({ seed, mix: mixOf({ update: 1 }), blind: true, check: true });
      expect(check!.writes).toBe(200);
      expect(check!.lost.length).toBeGreaterThan(5);
      expect(check!.lost[0]).toMatchObject({ key: expect.stringMatching(/^user\d{10}$/) });
    }
  });

  test('a store that forgets everything has lost everything', async () => {
    const { run, target, clock } = setUp();
    clock.after(100, () => target.wipe());
    const { check } = await run({ mix: mixOf({ read: 1 }), preload: true, check: true, operations: 400 });
    expect(check!.lost).toHaveLength(20);
  });

  test('what a stand-in acknowledged and is not seen is counted apart', async () => {
    const { run, target } = setUp();
    target.fate = () => 'by a stand-in';
    const quick = { mix: mixOf({ update: 1 }), check: true, keys: 1000, choice: 'uniform' } as const;
    target.put = async (key, value) => {
      void [key, value];
      return { siblings: [], context: Uint8Array.of(91, 93), replicas: { fallback: 1 } };
    };
    const { check } = await run({ ...quick, operations: 20 });
    expect(check).toMatchObject({ lost: [], withStandIns: check!.writes });
  });

  test('what cannot be read back is counted by reason', async () => {
    const { run, target } = setUp();
    target.readBack = () => Promise.reject(new ShoalError('QUORUM_UNREACHABLE', 'as it was told'));
    const { check } = await run({ mix: mixOf({ update: 1 }), check: true });
    expect(check!.unread).toEqual({ QUORUM_UNREACHABLE: check!.keys });
  });
});
