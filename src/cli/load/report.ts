/** The figures of a run as a page for people. What is wrong stands in capitals. Pure. */
import { whole } from '../amounts.ts';
import { table } from '../table.ts';
import type { Check, Figures, Latency, ProcessFigures } from './figures.ts';
import { KINDS } from './mix.ts';

const BYTES_PER_MIB = 1024 * 1024;
/** More would say nothing that these do not. */
const LOST_SHOWN = 20;
const SECONDS_SHOWN = 60;

export function reportPage(figures: Figures): string {
  const parts = [facts(figures), latencies(figures), details(figures), ...checks(figures)];
  return parts
    .filter(lines => lines.length > 0)
    .map(lines => `${lines.join('\n')}\n`)
    .join('\n');
}

/**
 * Whether the run shows that something is broken: acknowledged writes are gone or could not be read, or
 * nothing worked at all.
 */
export function isBroken({ check, all, failed }: Figures): boolean {
  const unread = Object.keys(check?.unread ?? {}).length > 0;
  return (check?.lost.length ?? 0) > 0 || unread || (all.count === 0 && failed.count > 0);
}

function facts({ seconds, operationsPerSecond, openLoop, preload, endedBy }: Figures): readonly string[] {
  const ended = endedBy === 'told to' ? ', ended early' : '';
  const rows = [['throughput', `${whole(operationsPerSecond)} ops/s over ${seconds.toFixed(1)} s${ended}`]];
  if (openLoop) {
    const { rate, notStarted, lateness } = openLoop;
    const givenUp = notStarted === 0 ? '' : `; ${whole(notStarted)} NOT STARTED, too many were under way`;
    rows.push(['arrivals', `${whole(rate)} a second${givenUp}`]);
    rows.push([
      'lateness',
      `p50 ${ms(lateness.p50)} ms, p99 ${ms(lateness.p99)} ms: this process's own, in the latencies`,
    ]);
  }
  if (preload) {
    const { records, seconds: took, errors } = preload;
    rows.push(['preload', `${whole(records)} records in ${took.toFixed(1)} s${reasons(errors)}`]);
  }
  return table(rows);
}

function latencies({ kinds, all, failed, seconds }: Figures): readonly string[] {
  const rows = KINDS.flatMap(kind => {
    const latency = kinds[kind];
    return latency ? [latencyRow(kind, latency, seconds)] : [];
  });
  if (rows.length !== 1) rows.push(latencyRow('all', all, seconds));
  if (failed.count > 0) rows.push(latencyRow('FAILED', failed, seconds));
  return table([['ms', 'COUNT', 'OPS/S', 'MEAN', 'P50', 'P90', 'P99', 'P99.9', 'P99.99', 'MAX'], ...rows]);
}

function latencyRow(name: string, latency: Latency, seconds: number): readonly string[] {
  const { count: times, mean, p50, p90, p99, p999, p9999, max } = latency;
  const rate = seconds === 0 ? '-' : whole(times / seconds);
  return [name, whole(times), rate, ...[mean, p50, p90, p99, p999, p9999, max].map(ms)];
}

function details({
  errors,
  throughput,
  absent,
  siblingsMax,
  processes,
  operationsPerSecond,
  preload,
}: Figures): readonly string[] {
  const rows: string[][] = [];
  if (Object.keys(errors).length > 0) rows.push(['ERRORS', tally(errors)]);
  if (throughput.length > 1) rows.push(['each second', overTime(throughput)]);
  if (absent > 0)
    rows.push(['not found', `${whole(absent)} reads${preload ? '' : ': --load writes all keys first'}`]);
  if (siblingsMax > 1) rows.push(['siblings', `${siblingsMax} at most`]);
  if (operationsPerSecond > 0) rows.push(...cpu(processes));
  return rows.length === 0 ? [] : table(rows);
}

/** So that a long run stays on a screen, several seconds become one. */
function overTime(throughput: readonly number[]): string {
  const step = Math.ceil(throughput.length / SECONDS_SHOWN);
  const means = Array.from({ length: Math.floor(throughput.length / step) }, (_, index) => {
    const some = throughput.slice(index * step, (index + 1) * step);
    return Math.round(some.reduce((sum, each) => sum + each, 0) / some.length);
  });
  return `${means.join(' ')}${step > 1 ? ` (means of ${step} s)` : ''}`;
}

function cpu(processes: readonly ProcessFigures[]): string[][] {
  const nodes = processes.slice(1);
  const rows = processes.map((each, index) => [index === 0 ? 'cpu' : '', processLine(each)]);
  if (nodes.length < 2) return rows;
  const together = nodes.reduce((sum, each) => sum + each.cpuMicrosPerOperation, 0);
  return [...rows, ['', `nodes together: ${together.toFixed(1)} µs/op`]];
}

function processLine({ name, cpuMicrosPerOperation, cpuSeconds, residentBytes }: ProcessFigures): string {
  const memory = `${Math.round(residentBytes / BYTES_PER_MIB)} MiB`;
  return `${name}: ${cpuMicrosPerOperation.toFixed(1)} µs/op (${cpuSeconds.toFixed(1)} s), ${memory}`;
}

function checks({ check }: Figures): readonly (readonly string[])[] {
  return check ? [[...table(checkRows(check)), ...lostLines(check)]] : [];
}

function checkRows({ keys, writes, lost, withStandIns, undecided, unread }: Check): string[][] {
  const verdict = lost.length === 0 ? 'none lost' : `${lost.length} LOST`;
  const rows = [
    ['check', `${whole(writes)} acknowledged writes of ${whole(keys)} keys read back: ${verdict}`],
  ];
  if (withStandIns > 0) rows.push(['', `${whole(withStandIns)} not seen yet: stand-ins acknowledged them`]);
  if (undecided > 0) rows.push(['', `${whole(undecided)} keys undecided: an overwrite of unknown outcome`]);
  if (Object.keys(unread).length > 0) rows.push(['', `NOT READ: ${tally(unread)}`]);
  return rows;
}

function lostLines({ lost }: Check): readonly string[] {
  const lines = lost.slice(0, LOST_SHOWN).map(({ key, write, found }) => {
    const there = found.length === 0 ? 'nothing is there' : `there is ${found.join(', ')}`;
    return `  ${key}: write ${write} is gone; ${there}`;
  });
  return lost.length > LOST_SHOWN ? [...lines, `  and ${lost.length - LOST_SHOWN} more`] : lines;
}

function reasons(errors: Readonly<Record<string, number>>): string {
  return Object.keys(errors).length === 0 ? '' : `; FAILED: ${tally(errors)}`;
}

function tally(errors: Readonly<Record<string, number>>): string {
  return Object.entries(errors)
    .map(([reason, times]) => `${reason} ${whole(times)}`)
    .join(', ');
}

function ms(number: number): string {
  return number.toFixed(number < 100 ? 2 : 0);
}
