import { expect, test } from 'vitest';
import { verdicts } from '../../bench/aims.ts';
import { aimsOf, causesOf, machineOf, tableOf } from '../../bench/page.ts';
import { AIMED_AT } from '../../bench/plan.ts';
import { asked, level } from '../../bench/rows.ts';
import { result } from './support.ts';

const ROW = asked(AIMED_AT, 256, { op: 'get' });
const GETS = result(
  ROW,
  { opsPerSecond: 24_000, clientUs: 12, serverUs: 60 },
  { opsPerSecond: 100_000, clientUs: 5, serverUs: 4 },
);

test('a row shows both ends and its share, and a row without them leaves them blank', () => {
  expect(tableOf([GETS, result(level('get'), { serverUs: 0, failed: 2 })])).toBe(
    [
      'row                                      ops/s  p50 ms  p99   p99.9  client µs  servers µs  ÷ echo  failed',
      '3 nodes fsync, get 100 B, 256 in flight  24000  1.00    4.00  8.00   12.0       60.0        0.240',
      'LevelDB getSync, cached                  1000   1.00    4.00  8.00   10.0                           2',
      '',
    ].join('\n'),
  );
});

test('an aim that was missed is said to be', () => {
  const lines = aimsOf(verdicts(({ name }) => (name === ROW.name ? GETS : undefined))).split('\n');
  expect(lines[1]).toMatch(/^get, 256 in flight: share .* ≥ 0\.48 +0\.24 +missed$/);
  expect(lines[2]).toMatch(/ ≤ 20 µs +60 µs +missed$/);
});

test('causes bear their share and their first functions', () => {
  const causes = [{ what: 'src/replica', share: 0.123, first: ['get', 'put'] }];
  expect(causesOf('a row', causes)).toBe('of n1 during a row:\n   12 %  src/replica  get, put\n');
});

test('a machine that was busy before is said to have been', () => {
  const machine = { node: 'v20.20.0', cores: 2 };
  expect(machineOf({ ...machine, before: 0.1 })).toBe(
    'Node v20.20.0, 2 cores, load average 0.1 before the first row\n',
  );
  expect(machineOf({ ...machine, before: 7 })).toContain('something else keeps it busy');
});
