/**
 * What many runs come to together, and the page that says so: how much was simulated, and what a wall minute
 * of it is worth.
 */
import type { Figures } from '../run.ts';

export interface Totals extends Figures {
  readonly seeds: number;
  readonly failures: number;
}

export const NO_TOTALS: Totals = {
  seeds: 0,
  failures: 0,
  simulatedMs: 0,
  operations: 0,
  acked: 0,
  messages: 0,
  events: 0,
  faults: {},
  reached: {},
};

/** After one more seed; `figures` are missing when its process came to an end before it could tell them. */
export function withRun(totals: Totals, run: { figures: Figures | undefined; failed: boolean }): Totals {
  const { figures = NO_TOTALS, failed } = run;
  return {
    seeds: totals.seeds + 1,
    failures: totals.failures + (failed ? 1 : 0),
    simulatedMs: totals.simulatedMs + figures.simulatedMs,
    operations: totals.operations + figures.operations,
    acked: totals.acked + figures.acked,
    messages: totals.messages + figures.messages,
    events: totals.events + figures.events,
    faults: sums(totals.faults, figures.faults),
    reached: sums(totals.reached, figures.reached),
  };
}

export function faultsIn({ faults }: Figures): number {
  return Object.values(faults).reduce((sum, count) => sum + count, 0);
}

/** Hours of a whole cluster's life. */
export function clusterHours({ simulatedMs }: Figures): number {
  return simulatedMs / 3_600_000;
}

/** @param wallMs how long it took */
export function figuresTable(totals: Totals, wallMs: number): string {
  const rows: readonly Row[] = [
    ['seeds', totals.seeds],
    ['failures', totals.failures],
    ['simulated cluster-hours', clusterHours(totals), 2],
    ['client operations', totals.operations],
    ['  acknowledged', totals.acked],
    ['messages', totals.messages],
    ['events', totals.events],
    ['faults', faultsIn(totals)],
    ...sorted(totals.faults),
  ];
  const minutes = Math.max(wallMs, 1) / 60_000;
  return [
    line(`in ${grouped(wallMs / 1000)} s`, 'in all', 'a minute'),
    ...rows.map(([name, count, digits = 0]) =>
      line(name, grouped(count, digits), grouped(count / minutes, digits)),
    ),
    '',
    ...reachedLines(totals),
  ].join('\n');
}

/** Names are long here, and a rate says nothing. */
function reachedLines({ reached }: Figures): readonly string[] {
  const names = Object.keys(reached).sort();
  return [
    '  reached: rare things, and how often each happened',
    ...names.map(name => `${grouped(reached[name]!).padStart(14)}  ${name}`),
  ];
}

/** `1 seed`, `1 204 seeds`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** With a thin gap for each thousand: `1 204 311`. */
export function grouped(count: number, digits = 0): string {
  const [whole = '', rest] = count.toFixed(digits).split('.');
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ' ');
  return rest === undefined ? groups : `${groups}.${rest}`;
}

function sorted(counts: Figures['faults']): readonly Row[] {
  const names = Object.keys(counts).sort();
  return names.map(name => [`  ${name}`, counts[name]!]);
}

type Row = readonly [name: string, count: number, digits?: number];

function line(name: string, all: string, perMinute: string): string {
  return `  ${name.padEnd(24)}${all.padStart(14)}${perMinute.padStart(14)}`;
}

function sums(a: Figures['faults'], b: Figures['faults']): Figures['faults'] {
  const both = { ...a };
  for (const [kind, count] of Object.entries(b)) both[kind] = (both[kind] ?? 0) + count;
  return both;
}
