/** What somebody at a terminal sees of a repair, and what a log does. */
import { expect, test } from 'vitest';
import { RepairCourse } from '../../../src/cli/repair/course.ts';
import { displayOn } from '../../../src/cli/repair/display.ts';
import { barLines } from '../../../src/cli/repair/lines.ts';
import type { RepairWith } from '../../../src/client/index.ts';
import { QUIET_STATUS, repairWith } from '../support/statuses.ts';

const DRAWN = '\r\u001b[J';

/** What is printed, in order, as a repair is looked at each second. */
function printed({ terminal, looks }: { terminal: boolean; looks: readonly (readonly RepairWith[])[] }) {
  const all: string[] = [];
  const err = (line: string) => void all.push(`err: ${line}`);
  const out = (content: string | Uint8Array) => void all.push(String(content));
  const io = { out, err, terminal, columns: 80, input: async () => new Uint8Array() };
  const display = displayOn(io);
  const course = new RepairCourse(1, 0);
  for (const [second, others] of looks.entries()) {
    course.saw({ ...QUIET_STATUS, repair: { asked: 1, agreed: 0, with: others } }, second * 1_000);
    display.show(course);
  }
  display.clear();
  return all;
}

const AT_WORK = [repairWith('n2', { tookMs: 1, partitionsLeft: 3 })];

test('on a terminal a line is drawn over and over, and whoever waits for long is told once how to end that', () => {
  const line = (second: number) => `${DRAWN}   ${second} s  [--------------------]   0 %  n2: 3 partitions\r`;
  expect(printed({ terminal: true, looks: [AT_WORK, AT_WORK, AT_WORK, AT_WORK] })).toEqual([
    line(0),
    line(1),
    DRAWN,
    'err: Ctrl-C ends the waiting, not the repair',
    line(2),
    line(3),
    DRAWN,
  ]);
});

test('on a narrow terminal who is waited for stands below, and no line is broken', () => {
  const many = Array.from({ length: 9 }, (_, i) => repairWith(`n${i}`, { tookMs: 1, partitionsLeft: 12 }));
  const [drawn] = printed({ terminal: true, looks: [many] });
  const [first, second, ...more] = drawn!.slice(DRAWN.length).split('\n');
  expect([first, more]).toEqual(['   0 s  [--------------------]   0 %', []]);
  const all = many.map(({ node }) => `${node}: 12 partitions`).join('  ');
  expect(second).toBe(`        ${all.slice(0, 71)}\u001b[A\r`);
});

test('on a narrow terminal the bar leaves room for the figures', () => {
  const refill = { records: 20_000, bytes: 8e6, tookMs: 1_000, leftMs: 9_000 };
  const course = new RepairCourse(1, 0);
  course.saw({ ...QUIET_STATUS, recoveringPartitions: 128, refill }, 0);
  course.saw({ ...QUIET_STATUS, recoveringPartitions: 64, refill: { ...refill, records: 40_000 } }, 1_000);
  const lines = barLines(course, 69);
  expect(lines).toEqual([
    '   1 s  [####----]  50 %  40 000 records  20 000/s  7.6 MiB  9 s left',
    '        64 partitions recovering',
  ]);
  expect(barLines(course, 71)[0]).toMatch(/^ {3}1 s {2}\[#####-----\] .* 9 s left$/);
});

test('elsewhere a line is said now and then, and at once who is to be brought back', () => {
  const down = [repairWith('n2', { up: false })];
  expect(printed({ terminal: false, looks: [AT_WORK, down, down, down, AT_WORK, AT_WORK, down] })).toEqual([
    'err: n2 is down: waiting until it is back; Ctrl-C ends the waiting, not the repair',
    'err:    5 s  n2: 3 partitions',
    'err: n2 is down: waiting until it is back; Ctrl-C ends the waiting, not the repair',
  ]);
});
