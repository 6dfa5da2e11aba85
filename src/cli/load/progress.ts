/** The line that a run shows each second. */
import { count } from '../sentences.ts';
import type { State } from './measurement.ts';

export interface Progress extends State {
  readonly phase: 'preload' | 'warm-up' | 'measured' | 'check';
  /** Since the phase began. */
  readonly seconds: number;
  readonly notStarted: number;
}

/** "  3 s  measured     41234 ops/s  p50 1.20 ms  p99 4.50 ms  64 under way" */
export function progressLine(state: Progress): string {
  const { phase, seconds, operations, p50, p99, errors, notStarted, underWay } = state;
  const parts = [
    `${String(Math.round(seconds)).padStart(4)} s`,
    phase.padEnd(8),
    `${String(operations).padStart(7)} ops/s`,
    `p50 ${p50.toFixed(2)} ms`,
    `p99 ${p99.toFixed(2)} ms`,
    `${underWay} under way`,
  ];
  if (errors > 0) parts.push(count(errors, 'error'));
  if (notStarted > 0) parts.push(`${notStarted} not started`);
  return parts.join('  ');
}
