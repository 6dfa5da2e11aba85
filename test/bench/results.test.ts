import { describe, expect, test } from 'vitest';
import { AIMED_AT } from '../../bench/plan.ts';
import { Results } from '../../bench/results.ts';
import { asked, level } from '../../bench/rows.ts';
import { measuredLoad, median } from '../../bench/run/measured.ts';
import type { Figures } from '../../src/cli/load/figures.ts';
import { measured } from './support.ts';

const PUT = asked(AIMED_AT, 64, { op: 'put' });

describe('results of several rounds', () => {
  test('a machine that was busy for one round of three changes no ratio', () => {
    const results = new Results();
    results.add(PUT, measured({ opsPerSecond: 20 }), measured({ opsPerSecond: 100 }));
    results.add(PUT, measured({ opsPerSecond: 10 }), measured({ opsPerSecond: 50 }));
    results.add(PUT, measured({ opsPerSecond: 2 }), measured({ opsPerSecond: 100 }));
    expect(results.of(PUT)).toMatchObject({ ofEcho: 0.2, measured: { opsPerSecond: 10 } });
  });

  test('figures are medians, failures are added up', () => {
    const results = new Results();
    for (const p99Ms of [9, 2, 3]) results.add(PUT, measured({ p99Ms, failed: 1 }));
    expect(results.of(PUT)!.measured).toMatchObject({ p99Ms: 3, failed: 3 });
  });

  test('a row without an echo has no share', () => {
    const results = new Results();
    results.add(level('get'), measured());
    expect(results.of(level('get'))).toMatchObject({ ofEcho: undefined, echoUs: undefined });
  });

  test('rows stay in the order of the first round', () => {
    const results = new Results();
    for (const row of [PUT, level('get'), PUT]) results.add(row, measured());
    expect(results.all().map(({ row }) => row.name)).toEqual([PUT.name, level('get').name]);
  });

  test('the median of an even number is between the two in the middle', () => {
    expect(median([4, 1, 3, 10])).toBe(3.5);
    expect(median([7])).toBe(7);
  });

  test('the process that asks is one end, all nodes together the other, and what was given up has failed', () => {
    const share = (name: string, cpuMicrosPerOperation: number, residentBytes: number) => ({
      name,
      cpuSeconds: 1,
      cpuMicrosPerOperation,
      residentBytes,
    });
    const latency = { count: 5, mean: 1, p50: 1, p90: 1, p99: 2, p999: 3, p9999: 4, max: 5 };
    const figures = {
      operationsPerSecond: 5,
      all: latency,
      failed: { ...latency, count: 2 },
      openLoop: { rate: 10, notStarted: 3, lateness: latency },
      processes: [share('load', 20, 900), share('n1', 30, 100), share('n2', 40, 200)],
    } as unknown as Figures;
    expect(measuredLoad(figures)).toEqual({
      opsPerSecond: 5,
      p50Ms: 1,
      p99Ms: 2,
      p999Ms: 3,
      clientUs: 20,
      serverUs: 70,
      serverBytesMax: 200,
      failed: 5,
    });
  });
});
