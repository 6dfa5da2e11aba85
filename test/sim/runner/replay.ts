/**
 * `make sim SEED=…`: one seed, its log line by line as it happens, and the verdict. It is run twice, as every
 * replay must come out the same (I13).
 */

import type { RunResult } from '../run.ts';
import { SENTENCES } from './invariants.ts';
import { logLine } from './log-lines.ts';
import type { Screen } from './progress.ts';
import type { Outcome, Simulator } from './trial.ts';

export async function replay(
  seed: number,
  { simulator, screen }: { simulator: Simulator; screen: Screen },
): Promise<Outcome> {
  const result = await simulator.runPlan(simulator.drawPlan(seed), {
    keepLog: false,
    onLine: line => screen.write(`${logLine(line)}\n`),
  });
  const again = await simulator.runPlan(simulator.drawPlan(seed), { keepLog: false });
  screen.write(`\n${verdict(result, again).join('\n')}\n`);
  return outcome(result, again);
}

function outcome({ violation, traceHash, figures }: RunResult, again: RunResult): Outcome {
  if (violation === undefined && again.traceHash === traceHash) return { kind: 'held', figures };
  const { invariant, message: text } = violation ?? { invariant: 'I13', message: SENTENCES.I13 };
  return { kind: 'failed', figures, invariant, text, finding: undefined };
}

function verdict(result: RunResult, again: RunResult): readonly string[] {
  const { seed, violation, traceHash, figures } = result;
  const held =
    violation === undefined
      ? `seed ${seed} holds: ${figures.operations} operations, ${figures.acked} acknowledged, in ${(figures.simulatedMs / 1000).toFixed(1)} simulated seconds`
      : `seed ${seed} breaks ${violation.invariant}, ${SENTENCES[violation.invariant]}\n  ${violation.message}`;
  const same =
    again.traceHash === traceHash
      ? `its trace is ${traceHash}, the same when run twice`
      : `its trace is ${traceHash}, but ${again.traceHash} when run again: I13, ${SENTENCES.I13}, is broken`;
  return [held, same];
}
