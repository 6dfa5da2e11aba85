/** What clients noticed of something: their latencies before it, meanwhile and after it. Pure. */
import { type Measured, median } from '../run/measured.ts';
import { atMost, type Figure } from './figure.ts';

export interface Noticed {
  readonly before: readonly Measured[];
  readonly during: readonly Measured[];
  readonly after: readonly Measured[];
}

const TIMES_MAX = 2;

/** By the medians of windows: one moment of another's work must not decide. */
export function noticedFigures(what: string, { before, during, after }: Noticed): readonly Figure[] {
  const failed = [...before, ...during, ...after].reduce((sum, window) => sum + window.failed, 0);
  return [
    latencyFigure(`${what}: p50, p99 before`, before),
    latencyFigure(`${what}: p50, p99 meanwhile`, during),
    latencyFigure(`${what}: p50, p99 after`, after),
    {
      what: `${what}: p99 meanwhile, of p99 without`,
      ...atMost(p99(during) / p99([...before, ...after]), TIMES_MAX, times => `${times.toFixed(2)} ×`),
    },
    { what: `${what}: calls that failed`, measured: String(failed) },
  ];
}

export function latencyFigure(what: string, windows: readonly Measured[]): Figure {
  const p50 = median(windows.map(({ p50Ms }) => p50Ms));
  return { what, measured: `${p50.toFixed(1)}, ${p99(windows).toFixed(1)} ms` };
}

function p99(windows: readonly Measured[]): number {
  return median(windows.map(({ p99Ms }) => p99Ms));
}
