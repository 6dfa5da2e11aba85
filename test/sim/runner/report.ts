/**
 * The page about a failure, for a tired reader: what was broken, how to see it again, and the shortest log
 * that explains it.
 */

import type { Plan } from '../plan.ts';
import { counted } from './figures.ts';
import type { Finding } from './finding.ts';
import { SENTENCES } from './invariants.ts';
import { logLine } from './log-lines.ts';

const RULE = '─'.repeat(100);

export interface Code {
  /** For people: the commit, and what was put into it. */
  readonly name: string;
  readonly mutant: number | undefined;
}

export function failurePage(finding: Finding, code: Code): string {
  const { seed, invariant, text, key, lines, leftOut } = finding;
  return [
    RULE,
    `${invariant} IS BROKEN: ${SENTENCES[invariant]}`,
    '',
    fact('seed', `${seed}`),
    fact('commit', code.name),
    fact('what', text.replaceAll('\n', '\n'.padEnd(12))),
    ...(key === undefined ? [] : [fact('key', key)]),
    fact('cluster', cluster(finding.drawn)),
    fact('needs', needs(finding)),
    fact('replay', `${replayCommand({ seed, mutant: code.mutant })}   (at this commit)`),
    '',
    `  The shortest log that explains it${leftOut > 0 ? `, ${abridgement(finding)}` : ''}`,
    '  (seconds, what, who):',
    '',
    ...lines.map(logLine),
    RULE,
  ].join('\n');
}

/** A mutant changes the code, and its plans are aimed: without it the seed is another one. */
export function replayCommand({ seed, mutant }: { seed: number; mutant: number | undefined }): string {
  return `make sim SEED=${seed}${mutant === undefined ? '' : ` MUTANT=${mutant}`}`;
}

function abridgement({ lines, leftOut }: Finding): string {
  return `the faults and the last lines, ${lines.length} of ${lines.length + leftOut}`;
}

function fact(name: string, text: string): string {
  return `  ${name.padEnd(9)}${text}`;
}

function cluster({ cluster: { nodes, replication, durability }, clients }: Plan): string {
  const parties = `${nodes.length} nodes, N = ${replication}, ${durability}`;
  return `${parties}; ${clients.clients.length} clients, ${clients.keys.length} keys`;
}

/** What of the plan is still there. */
function needs({ drawn, smallest, tries }: Finding): string {
  return [
    `${smallest.faults.length} of ${drawn.faults.length} faults`,
    `${smallest.outcasts.length} of ${drawn.outcasts.length} outcasts`,
    `${seconds(smallest)} of ${seconds(drawn)} s`,
    `found by ${counted(tries, 'more run')}`,
  ].join(', ');
}

function seconds({ safetyMs }: Plan): string {
  return (safetyMs / 1000).toFixed(1);
}
