/** What `make chaos` prints when it is over. Pure. */
import { table } from '../../src/cli/table.ts';
import { AIMS_MS, latenciesOf, NOT_REPEATED, tookMs, type Worst, worstAfter } from './figures.ts';
import type { Call, Operation } from './history.ts';
import type { BlowKind } from './plan.ts';

export interface Ran {
  readonly calls: readonly Call[];
  readonly operations: readonly Operation[];
  readonly struck: readonly { readonly kind: BlowKind; readonly node: string; readonly at: number }[];
  readonly findings: readonly string[];
  /** Keys whose owners differed, and may have (unnoted.ts). */
  readonly excused: readonly string[];
  readonly owners: ReadonlyMap<string, readonly string[]>;
}

const KINDS: readonly BlowKind[] = ['kill', 'freeze', 'clean stop'];
const FINDINGS_SHOWN = 40;

export function figuresPage(ran: Ran): string {
  const { calls, operations, struck, excused, owners } = ran;
  const acked = operations.filter(({ what, outcome }) => what !== 'read' && outcome === 'acknowledged');
  const { p50, p99, p999, worst } = latenciesOf(calls);
  const counts = KINDS.map(kind => `${kind} ${struck.filter(blow => blow.kind === kind).length}`);
  return lines([
    `${calls.length} calls, ${acked.length} writes acknowledged on ${owners.size} keys; ${counts.join(', ')}`,
    `of all calls: p50 ${ms(p50)}, p99 ${ms(p99)}, p99.9 ${ms(p999)}, worst ${ms(worst)}`,
    ...table(KINDS.flatMap(kind => aimRow(kind, ran))),
    `worst delete of whatever is there, which is not tried again: ${ms(worstDelete(calls))}`,
    `keys whose owners differed, of which a blow took the note: ${excused.length}`,
  ]);
}

/** When there are no findings. */
export function verdictLine({ calls, owners }: Ran): string {
  return lines([
    `all is well: of ${calls.length} calls none failed, and on ${owners.size} keys nothing was lost, nothing came back and no owners differ`,
  ]);
}

export function findingsPage(
  findings: readonly string[],
  { logs, command }: { readonly logs: string; readonly command: string },
): string {
  const more = findings.length - FINDINGS_SHOWN;
  return lines([
    `${findings.length} of what must not be:`,
    ...findings.slice(0, FINDINGS_SHOWN).map(finding => `  ${finding}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    `What the nodes said, and the history: ${logs}`,
    `Once more: ${command}`,
  ]);
}

function aimRow(kind: BlowKind, ran: Ran): readonly (readonly string[])[] {
  const worst = worstAfter(kind, ran);
  if (worst === undefined) return [];
  const took = tookMs(worst.call);
  const aim = AIMS_MS[kind];
  const verdict = aim === undefined ? ['', ''] : [`aim ≤ ${aim} ms`, took <= aim ? 'reached' : 'missed'];
  return [[`worst after a ${kind}`, ms(took), ...verdict, told(worst, ran)]];
}

function worstDelete(calls: readonly Call[]): number {
  return latenciesOf(calls.filter(({ kind }) => kind === NOT_REPEATED)).worst;
}

/** A write goes to the first owner of its key, as long as that is well. */
function told({ call, blow }: Worst, { owners }: Ran): string {
  const held = owners.get(call.key)?.join(' ') ?? '?';
  const sinceMs = call.began - blow.at;
  const when = sinceMs < 0 ? `${ms(-sinceMs)} before` : `${ms(sinceMs)} after`;
  return `${call.kind} ${call.key} (owners ${held}), begun ${when} the blow to ${blow.node}`;
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

function lines(all: readonly string[]): string {
  return all.map(line => `${line}\n`).join('');
}
