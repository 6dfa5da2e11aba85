/**
 * One seed on trial: it is run, now and then twice to see that both runs agree (I13), and when it fails its
 * plan is cut down and the smallest one run once more with its log. Knows the simulator only as two
 * functions, so that it can be tried with another.
 */

import { type Invariant, Violation } from '../oracle.ts';
import type { Plan } from '../plan.ts';
import type { Figures, LogOptions, RunResult } from '../run.ts';
import type { Line } from '../trace.ts';
import type { Finding } from './finding.ts';
import { abridged, explaining, logLine, parting } from './log-lines.ts';
import { shrink } from './shrink.ts';

export interface Simulator {
  readonly drawPlan: (seed: number) => Plan;
  readonly runPlan: (plan: Plan, options: LogOptions) => Promise<RunResult>;
}

export interface Order {
  readonly seed: number;
  /** Run twice, and compare. */
  readonly twice: boolean;
  /** Cut a failure down, and tell of it at length. */
  readonly explain: boolean;
  /** Not tried but replayed: its log and the verdict are written as they come. */
  readonly replay?: boolean;
  /** The mutant at which the plan is aimed, though the code is without it. */
  readonly aim?: number | undefined;
}

/** Told at once when a seed fails; to cut it down takes up to a minute. */
export type OnBroken = (invariant: Invariant) => void;

export type Outcome =
  | { readonly kind: 'held'; readonly figures: Figures }
  | {
      readonly kind: 'failed';
      readonly figures: Figures;
      readonly invariant: Invariant;
      readonly text: string;
      /** When it was asked for. */
      readonly finding: Finding | undefined;
    };

interface TrialParts {
  readonly simulator: Simulator;
  /** Wall time, ms. */
  readonly now: () => number;
  readonly onBroken?: OnBroken;
}

const SHRINK_MS_MAX = 60_000;
const SHRINK_TRIES_MAX = 200;

export async function tryOut({ seed, twice, explain }: Order, parts: TrialParts): Promise<Outcome> {
  const { drawPlan, runPlan } = parts.simulator;
  const plan = drawPlan(seed);
  const result = await runPlan(plan, { keepLog: false });
  const { figures } = result;
  if (result.violation !== undefined) {
    const { violation } = result;
    parts.onBroken?.(violation.invariant);
    return failed({ figures, violation }, explain && (await shrunk(plan, violation, parts)));
  }
  if (!twice) return { kind: 'held', figures };
  const again = await runPlan(plan, { keepLog: false });
  if (again.traceHash === result.traceHash) return { kind: 'held', figures };
  const violation = new Violation('I13', `trace ${result.traceHash}, and when run again ${again.traceHash}`);
  parts.onBroken?.('I13');
  return failed({ figures, violation }, explain && (await parted(plan, violation, parts)));
}

function failed(of: { figures: Figures; violation: Violation }, finding: Finding | false): Outcome {
  const { invariant } = of.violation;
  return {
    kind: 'failed',
    figures: of.figures,
    invariant,
    text: said(of.violation),
    finding: finding || undefined,
  };
}

async function shrunk(
  drawn: Plan,
  { invariant }: Violation,
  { simulator, now }: TrialParts,
): Promise<Finding> {
  const until = now() + SHRINK_MS_MAX;
  let tries = 0;
  const smallest = await shrink(drawn, {
    patient: () => tries < SHRINK_TRIES_MAX && now() < until,
    fails: async plan => {
      tries += 1;
      const { violation } = await simulator.runPlan(plan, { keepLog: false });
      return violation?.invariant === invariant;
    },
  });
  const { violation, lines } = await simulator.runPlan(smallest, { keepLog: true });
  if (violation === undefined) return unsteady({ drawn, smallest, tries });
  return finding({ drawn, smallest, tries }, { violation, lines: explaining(lines, violation.key) });
}

/** It failed before, and now it does not: whatever else is wrong, that is. */
function unsteady(of: Shrunk): Finding {
  const violation = new Violation('I13', 'it failed, and when run again with its log it did not');
  return finding(of, { violation, lines: [] });
}

/** Where two runs of one plan part. */
async function parted(drawn: Plan, violation: Violation, { simulator }: TrialParts): Promise<Finding> {
  const one = await simulator.runPlan(drawn, { keepLog: true });
  const other = await simulator.runPlan(drawn, { keepLog: true });
  const apart = parting(one.lines, other.lines);
  const [first, second] = [apart?.one, apart?.other].map(line => (line ? logLine(line).trim() : 'nothing'));
  const where = apart
    ? `; they part where one has «${first}» and the other «${second}»`
    : '; no line of their logs differs';
  const text = said(violation) + where;
  const upTo = apart?.one === undefined ? one.lines : one.lines.slice(0, one.lines.indexOf(apart.one) + 1);
  return finding(
    { drawn, smallest: drawn, tries: 2 },
    { violation: new Violation('I13', text), lines: upTo },
  );
}

interface Shrunk {
  readonly drawn: Plan;
  readonly smallest: Plan;
  readonly tries: number;
}

function finding(
  of: Shrunk,
  { violation, lines }: { violation: Violation; lines: readonly Line[] },
): Finding {
  const { invariant, key } = violation;
  const shown = abridged(lines);
  const leftOut = lines.length - shown.length;
  return { ...of, seed: of.drawn.seed, invariant, key, text: said(violation), lines: shown, leftOut };
}

/** Without the number that leads it. */
function said({ invariant, message }: Violation): string {
  return message.startsWith(`${invariant}: `) ? message.slice(invariant.length + 2) : message;
}
