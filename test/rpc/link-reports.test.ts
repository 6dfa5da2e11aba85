/** What an operator reads of links that end, and how often. */
import { expect, test } from 'vitest';
import { LinkReports } from '../../src/rpc/link-reports.ts';
import { Counters } from '../../src/system/counters.ts';
import { KeptLog } from '../support/quiet.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function scene() {
  const [clock, log, metrics] = [new VirtualClock(), new KeptLog(), new Counters()];
  return { clock, log, metrics, reports: new LinkReports({ clock, log, metrics }) };
}

test('each other side and each reason is told once a second, and each cut counted', async () => {
  const { clock, log, metrics, reports } = scene();
  const cut = { status: 3, why: 'this is no frame' };
  for (let i = 0; i < 5; i++) reports.cut('a:1', cut);
  reports.cut('b:2', cut);
  reports.cut('a:1', { status: 8, why: 'nothing was read' });
  await clock.pass(1000);
  reports.cut('a:1', cut);
  expect(log.lines.map(({ facts }) => [facts?.['peer'], facts?.['why']])).toEqual([
    ['a:1', 'this is no frame'],
    ['b:2', 'this is no frame'],
    ['a:1', 'nothing was read'],
    ['a:1', 'this is no frame'],
  ]);
  expect(metrics.snapshot().get('link.cut')).toBe(8);
});

test('what ends in good order is neither told nor counted, and a crowd fills no disk', () => {
  const { log, metrics, reports } = scene();
  reports.cut('a:1', { status: 0, why: '' });
  expect([log.lines, metrics.snapshot().get('link.cut') ?? 0]).toEqual([[], 0]);
  for (let i = 0; i < 1000; i++) reports.cut(`a:${i}`, { status: 3, why: 'this is no frame' });
  expect(log.lines).toHaveLength(100);
});
