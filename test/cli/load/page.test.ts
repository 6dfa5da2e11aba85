/** What people are shown of a run. */
import { expect, test } from 'vitest';
import type { Figures, Latency } from '../../../src/cli/load/figures.ts';
import { progressLine } from '../../../src/cli/load/progress.ts';
import { isBroken, reportPage } from '../../../src/cli/load/report.ts';
import { workloadLine } from '../../../src/cli/load/workload-line.ts';
import { OPTIONS } from './setting.ts';

const NONE: Latency = { count: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, p9999: 0, max: 0 };
const SOME: Latency = {
  count: 41_234,
  mean: 1.5,
  p50: 1.2,
  p90: 2,
  p99: 4.567,
  p999: 12,
  p9999: 99.999,
  max: 123.4,
};

const FIGURES: Figures = {
  seed: 7,
  endedBy: 'time',
  seconds: 2,
  operationsPerSecond: 20_617,
  throughput: [20_000, 21_234],
  kinds: { read: SOME },
  all: SOME,
  failed: NONE,
  errors: {},
  absent: 0,
  siblingsMax: 1,
  openLoop: undefined,
  preload: undefined,
  check: undefined,
  processes: [],
};

test('a run in which all is well', () => {
  expect(reportPage(FIGURES)).toBe(
    [
      'throughput  20 617 ops/s over 2.0 s',
      '',
      'ms    COUNT   OPS/S   MEAN  P50   P90   P99   P99.9  P99.99  MAX',
      'read  41 234  20 617  1.50  1.20  2.00  4.57  12.00  100.00  123',
      '',
      'each second  20000 21234',
      '',
    ].join('\n'),
  );
  expect(isBroken(FIGURES)).toBe(false);
});

test('a run in which much is not', () => {
  const figures: Figures = {
    ...FIGURES,
    endedBy: 'told to',
    kinds: { read: SOME, update: SOME },
    failed: { ...SOME, count: 12 },
    errors: { OVERLOADED: 9, EXPIRED: 3 },
    absent: 5,
    siblingsMax: 3,
    openLoop: { rate: 25_000, notStarted: 1_234, lateness: SOME },
    preload: { records: 10_000, seconds: 1.25, errors: { EXPIRED: 1 } },
    processes: [
      { name: 'load', cpuSeconds: 1.5, cpuMicrosPerOperation: 36.4, residentBytes: 2 ** 27 },
      { name: 'n1', cpuSeconds: 2, cpuMicrosPerOperation: 48.5, residentBytes: 2 ** 26 },
      { name: 'n2', cpuSeconds: 1, cpuMicrosPerOperation: 24.25, residentBytes: 2 ** 26 },
    ],
    check: {
      keys: 20,
      writes: 30,
      lost: [
        { key: 'user1', write: '17', found: [] },
        { key: 'user2', write: '18', found: ['3', '4'] },
      ],
      withStandIns: 4,
      undecided: 1,
      unread: { EXPIRED: 2 },
    },
  };
  const page = reportPage(figures);
  for (const line of [
    'throughput  20 617 ops/s over 2.0 s, ended early',
    'arrivals    25 000 a second; 1 234 NOT STARTED, too many were under way',
    "lateness    p50 1.20 ms, p99 4.57 ms: this process's own, in the latencies",
    'preload     10 000 records in 1.3 s; FAILED: EXPIRED 1',
    'ERRORS       OVERLOADED 9, EXPIRED 3',
    'not found    5 reads',
    'siblings     3 at most',
    'cpu          load: 36.4 µs/op (1.5 s), 128 MiB',
    '             nodes together: 72.8 µs/op',
    'check  30 acknowledged writes of 20 keys read back: 2 LOST',
    '       4 not seen yet: stand-ins acknowledged them',
    '       1 keys undecided: an overwrite of unknown outcome',
    '       NOT READ: EXPIRED 2',
    '  user1: write 17 is gone; nothing is there',
    '  user2: write 18 is gone; there is 3, 4',
  ]) {
    expect(page.split('\n')).toContain(line);
  }
  expect(page).toMatch(/^all .*\nFAILED {2}12 /m);
  expect(isBroken(figures)).toBe(true);
});

test('a run in which nothing succeeded is broken, one in which nothing was tried is not', () => {
  expect(isBroken({ ...FIGURES, all: NONE, failed: SOME })).toBe(true);
  expect(isBroken({ ...FIGURES, all: NONE, kinds: {} })).toBe(false);
  expect(reportPage({ ...FIGURES, all: NONE, kinds: {}, seconds: 0 })).toContain('all  0      -');
});

test('a long run is shown on a line', () => {
  const throughput = Array.from({ length: 125 }, (_, second) => second);
  const line = reportPage({ ...FIGURES, throughput })
    .split('\n')
    .at(-2)!;
  expect(line).toMatch(/^each second {2}1 4 7 .* 118 121 \(means of 3 s\)$/);
});

test('the line before a run, and that of a second', () => {
  expect(workloadLine({ ...OPTIONS, rate: 100 })).toBe(
    '50 read, 50 update; zipfian over 20 keys; values of 16 bytes; 100 a second, at most 4 in flight; seed 1',
  );
  const second = { seconds: 3, operations: 4123, p50: 1.234, p99: 5, underWay: 64 };
  expect(progressLine({ ...second, phase: 'measured', errors: 2, notStarted: 1 })).toBe(
    '   3 s  measured     4123 ops/s  p50 1.23 ms  p99 5.00 ms  64 under way  2 errors  1 not started',
  );
});
