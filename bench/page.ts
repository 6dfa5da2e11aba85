/**
 * What the bench prints: the table of rows, the aims beside what was reached, and why what was missed was.
 * Pure.
 */
import { table } from '../src/cli/table.ts';
import type { Verdict } from './aims.ts';
import type { Cause } from './causes.ts';
import type { Result } from './results.ts';

/** Half a core, besides what has just ended. */
const BUSY = 0.5;
const HEAD = ['row', 'ops/s', 'p50 ms', 'p99', 'p99.9', 'client µs', 'servers µs', '÷ echo', 'failed'];
const HEAD_OF_AIMS = ['aim', 'wanted', 'measured', ''];

export interface Machine {
  readonly node: string;
  readonly cores: number;
  /** Its load average before anything was begun. */
  readonly before: number;
}

/** What else ran takes its share of every figure, and ratios only make up for what was even. */
export function machineOf({ node, cores, before }: Machine): string {
  const busy =
    before < BUSY ? '' : ': something else keeps it busy, so take no figure for what this machine can do';
  return `Node ${node}, ${cores} cores, load average ${before.toFixed(1)} before the first row${busy}\n`;
}

export function tableOf(results: readonly Result[]): string {
  return lines(table([HEAD, ...results.map(cellsOf)]));
}

/** One row as it is measured, for those who wait. */
export function lineOf(result: Result): string {
  const [name = '', ops = '', p50 = '', p99 = '', , client = '', servers = '', ofEcho = ''] = cellsOf(result);
  const share = ofEcho === '' ? '' : `, ${ofEcho} of the echo`;
  return `${name}: ${ops} ops/s, p50 ${p50} ms, p99 ${p99} ms, CPU ${client} + ${servers} µs${share}\n`;
}

export function aimsOf(verdicts: readonly Verdict[]): string {
  const cells = verdicts.map(({ aim, wanted, measured, reached }) => [
    aim.what,
    wanted,
    measured,
    reached ? 'reached' : 'missed',
  ]);
  return lines(table([HEAD_OF_AIMS, ...cells]));
}

/** @param row what the profile is of */
export function causesOf(row: string, causes: readonly Cause[]): string {
  const cells = causes.map(({ what, share, first }) => [`  ${percent(share)}`, what, first.join(', ')]);
  return lines([`of n1 during ${row}:`, ...table(cells)]);
}

function cellsOf({ row, measured, ofEcho }: Result): readonly string[] {
  const { opsPerSecond, p50Ms, p99Ms, p999Ms, clientUs, serverUs, failed } = measured;
  return [
    row.name,
    opsPerSecond.toFixed(0),
    ...[p50Ms, p99Ms, p999Ms].map(ms => ms.toFixed(2)),
    clientUs.toFixed(1),
    serverUs === 0 ? '' : serverUs.toFixed(1),
    ofEcho === undefined ? '' : ofEcho.toFixed(3),
    failed === 0 ? '' : String(failed),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`.padStart(5);
}

function lines(all: readonly string[]): string {
  return all.map(line => `${line}\n`).join('');
}
