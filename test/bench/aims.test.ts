import { describe, expect, test } from 'vitest';
import { AIMS, verdicts } from '../../bench/aims.ts';
import { AIMED_AT } from '../../bench/plan.ts';
import type { Result } from '../../bench/results.ts';
import { asked, echo, type Row } from '../../bench/rows.ts';
import { result } from './support.ts';

const PUT_64 = asked(AIMED_AT, 64, { op: 'put' });
const ECHO = { opsPerSecond: 100_000, clientUs: 5, serverUs: 4 };

/** What is said of these alone. */
function judge(...results: readonly Result[]) {
  const find = (row: Row): Result | undefined => results.find(each => each.row.name === row.name);
  return verdicts(find).map(({ aim: { what }, reached, wanted, measured }) => ({
    what,
    reached,
    wanted,
    measured,
  }));
}

describe('aims', () => {
  test('a share is of the echo of the same round, and on the line it is reached', () => {
    const [share] = judge(result(PUT_64, { opsPerSecond: 15_000 }, ECHO));
    expect(share).toMatchObject({ reached: true, wanted: '≥ 0.15', measured: '0.15' });
    const [less] = judge(result(PUT_64, { opsPerSecond: 14_000 }, ECHO));
    expect(less).toMatchObject({ reached: false, measured: '0.14' });
  });

  test('where an echo costs half of 18 µs, half of the CPU is allowed', () => {
    const cpu = (serverUs: number) =>
      judge(result(PUT_64, { serverUs }, ECHO)).find(({ what }) => what.includes('CPU'));
    expect(cpu(90)).toMatchObject({ reached: true, wanted: '≤ 90 µs' });
    expect(cpu(91)).toMatchObject({ reached: false, measured: '91 µs' });
  });

  test('where the system does not tell of CPU, nothing is said of it', () => {
    const said = judge(result(PUT_64, { serverUs: 0 }, ECHO));
    expect(said.filter(({ what }) => what.includes('CPU'))).toEqual([]);
  });

  test('one alone is held against a message on a stream', () => {
    const alone = asked(AIMED_AT, 1, { op: 'get' });
    const stream = result(echo('stream', 1), { p50Ms: 0.1 });
    expect(judge(result(alone, { p50Ms: 0.31 }, ECHO), stream)).toMatchObject([
      { reached: false, wanted: '≤ 3.00 ×', measured: '3.10 ×' },
    ]);
    expect(judge(result(alone, { p50Ms: 0.31 }, ECHO))).toEqual([]);
  });

  test('CPU of both ends counts for a plain client', () => {
    const plain = asked(AIMED_AT, 64, { op: 'put', door: 'plain' });
    const unary = result(echo('unary', 64), { clientUs: 100, serverUs: 60 });
    expect(judge(result(plain, { clientUs: 106, serverUs: 150 }, ECHO), unary)).toMatchObject([
      { reached: true, measured: '1.60 ×' },
    ]);
  });

  test('a tail is not short when arrivals were given up', () => {
    const open = asked(AIMED_AT, 256, { op: 'put', ofPeak: 0.7 });
    expect(judge(result(open, { p50Ms: 1, p99Ms: 5 }))).toMatchObject([{ reached: true }]);
    expect(judge(result(open, { p50Ms: 1, p99Ms: 5, failed: 1 }))).toMatchObject([{ reached: false }]);
  });

  test('what was not measured is not judged', () => {
    expect(judge()).toEqual([]);
    expect(judge(result(asked(AIMED_AT, 64, { op: '50/50' }), {}, ECHO))).toEqual([]);
  });

  test('each aim is told apart from the others', () => {
    const names = AIMS.map(({ what }) => what);
    expect(new Set(names).size).toBe(names.length);
  });
});
