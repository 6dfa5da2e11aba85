/** What a long run shows of itself while it lasts, and at its end. */
import { describe, expect, test } from 'vitest';
import { figuresTable, grouped, NO_TOTALS, type Totals, withRun } from './figures.ts';
import { Progress, progressLine, type Screen } from './progress.ts';

const TOTALS: Totals = {
  seeds: 1_204,
  failures: 0,
  simulatedMs: 24.1 * 3_600_000,
  operations: 482_113,
  acked: 431_009,
  messages: 9_000_000,
  events: 12_000_000,
  faults: { pause: 201, kill: 1_000 },
  reached: { 'message: lost': 7, 'ack: stand-ins alone': 1_234 },
};

function watched(options: Omit<Screen, 'write'>) {
  let written = '';
  const write = (text: string) => {
    written += text;
  };
  return { progress: new Progress({ ...options, write }), written: () => written };
}

describe('the line of progress', () => {
  test('tells failures and what time is left, then seeds, speed, hours, operations and faults', () => {
    expect(progressLine(TOTALS, { wallMs: 602_000, leftMs: 65_000 })).toBe(
      'no failure  1:05 left  1 204 seeds  2.0/s  24.10 cluster-hours  482 113 operations  1 201 faults',
    );
  });

  test('counts one in the singular', () => {
    const line = progressLine({ ...NO_TOTALS, seeds: 1, operations: 1 }, { wallMs: 1_000 });
    expect(line).toMatch(/ {2}1 seed {2}.* {2}1 operation {2}0 faults$/);
  });

  test('shows failures loudly, and no time where there is no limit', () => {
    expect(progressLine({ ...TOTALS, failures: 2 }, { wallMs: 602_000 })).toMatch(/^2 FAILED {2}1 204 seeds/);
  });

  test('is rewritten in place about each second on a terminal, within its width', () => {
    const { progress, written } = watched({ isTTY: true, columns: 6 });
    for (const ms of [999, 1_000, 1_500, 2_100]) progress.tell(`at ${ms} ms`, ms);
    expect(written()).toBe('\r\x1b[2Kat 10\r\x1b[2Kat 21');
  });

  test('makes way on a terminal for what stays', () => {
    const { progress, written } = watched({ isTTY: true });
    progress.tell('far', 1_000);
    progress.print('a page');
    progress.print('another');
    expect(written()).toBe('\r\x1b[2Kfar\r\x1b[2Ka page\nanother\n');
  });

  test('is a line of its own each ten seconds in a file', () => {
    const { progress, written } = watched({});
    for (const ms of [5_000, 10_000, 15_000, 20_000]) progress.tell(`at ${ms}`, ms);
    expect(written()).toBe('at 10000\nat 20000\n');
  });
});

describe('the table of figures', () => {
  const table = figuresTable(TOTALS, 120_000);

  test.each([
    ['seeds', /^ {2}seeds +1 204 +602$/m],
    ['cluster-hours', /^ {2}simulated cluster-hours +24\.10 +12\.05$/m],
    ['operations', /^ {2}client operations +482 113 +241 057$/m],
    ['acknowledged ones', /^ {4}acknowledged +431 009 +215 505$/m],
    ['messages', /^ {2}messages +9 000 000 +4 500 000$/m],
    ['events', /^ {2}events +12 000 000 +6 000 000$/m],
    ['faults', /^ {2}faults +1 201 +601$/m],
    ['faults of each kind, sorted', /^ {4}kill +1 000 +500\n {4}pause +201 +101$/m],
  ])('tells %s, in all and per wall minute', (_, row) => {
    expect(table).toMatch(row);
  });

  test('tells at its end what rare things happened, sorted', () => {
    expect(table).toMatch(
      /^ {2}reached: rare things, .*\n +1 234 {2}ack: stand-ins alone\n +7 {2}message: lost$/m,
    );
  });

  test('adds up runs, and counts one that came to nothing', () => {
    const one = { simulatedMs: 1, operations: 2, acked: 1, messages: 3, events: 4 };
    const ran = [
      { figures: { ...one, faults: { kill: 1 }, reached: { a: 1 } }, failed: false },
      { figures: { ...one, faults: { kill: 1, wipe: 2 }, reached: { a: 2 } }, failed: true },
      { figures: undefined, failed: true },
    ];
    expect(ran.reduce(withRun, NO_TOTALS)).toEqual({
      seeds: 3,
      failures: 2,
      simulatedMs: 2,
      operations: 4,
      acked: 2,
      messages: 6,
      events: 8,
      faults: { kill: 2, wipe: 2 },
      reached: { a: 3 },
    });
  });

  test.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1 000'],
    [1_234_567, '1 234 567'],
  ])('groups digits: %i', (count, text) => {
    expect(grouped(count)).toBe(text);
  });
});
