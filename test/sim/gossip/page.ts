/** What was measured, as lines for people. Median and worst of all trials. */
import { BEAT_MS } from '../../../src/membership/detector.ts';
import { CHANGES, type Change, type Trial } from './changes.ts';
import type { Rate, Rates } from './meter.ts';
import type { Judged } from './watch.ts';

export interface Size {
  readonly nodes: number;
  readonly idle: Rates;
  readonly trials: readonly Trial[];
}

export function spreadLines({ nodes, idle, trials }: Size): readonly string[] {
  const killed = trials.map(({ changes }) => changes.killed.allMs);
  const suspected = trials.map(trial => trial.suspected);
  const falselyDown = trials.reduce((sum, trial) => sum + trial.falselyDown, 0);
  return [
    `${nodes} nodes, log2 n = ${Math.log2(nodes).toFixed(1)}, ${trials.length} trials`,
    `  killed: down at all after ${both(killed, ms)}`,
    `  rounds of ${BEAT_MS} ms from the first that knows to all:`,
    ...CHANGES.map(change => `    ${change.padEnd(14)}${both(roundsOf(trials, change), rounds)}`),
    '  a node says in a second, mean of all nodes; most of any node:',
    `    ${'idle'.padEnd(14)}${rateText(idle)}`,
    ...CHANGES.map(change => `    ${change.padEnd(14)}${rateText(medianOf(trials, change))}`),
    `  suspicions in a trial: ${both(suspected, count)}; held for down though well: ${falselyDown}`,
  ];
}

export function detectionLine(how: string, knownMs: readonly number[]): string {
  return `${how}: known to all others after ${both(knownMs, ms)} (${knownMs.length} seeds, aim 3.00 s)`;
}

export function troubleLine(name: string, judged: readonly Judged[]): string {
  const wronged = judged.map(each => each.wronged.length);
  return [
    `${name.padEnd(34)}wronged ${both(wronged, count)}`,
    `suspicions ${both(
      judged.map(each => each.suspected),
      count,
    )}`,
    `changes of mind about one member: mean ${median(judged.map(each => each.changes)).toFixed(2)}, most ${Math.max(...judged.map(each => each.changesMax))}`,
  ].join('; ');
}

function roundsOf(trials: readonly Trial[], change: Change): readonly number[] {
  return trials.map(({ changes }) => {
    const { firstMs, allMs } = changes[change];
    return (allMs - firstMs) / BEAT_MS;
  });
}

/** Of the trial in the middle. */
function medianOf(trials: readonly Trial[], change: Change): Rates {
  const rates = trials.map(({ changes }) => changes[change].rates);
  return rates.sort((a, b) => a.all.bytes - b.all.bytes)[Math.floor(rates.length / 2)]!;
}

function rateText({ Gossip, Probe, Meet, all, bytesMax }: Rates): string {
  const kinds = [`Gossip ${rate(Gossip)}`, `Probe ${rate(Probe)}`, `Meet ${rate(Meet)}`];
  return `${kinds.join(', ')}; ${all.bytes.toFixed(0)} B; ${bytesMax.toFixed(0)} B`;
}

function rate({ messages, bytes }: Rate): string {
  return `${messages.toFixed(1)} of ${bytes.toFixed(0)} B`;
}

type Shown = (figure: number) => string;
const ms: Shown = figure => `${(figure / 1_000).toFixed(2)} s`;
const rounds: Shown = figure => figure.toFixed(1);
const count: Shown = figure => String(figure);

function both(figures: readonly number[], shown: Shown): string {
  return `${shown(median(figures))}, worst ${shown(Math.max(...figures))}`;
}

function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)]!;
}
