/** The page about a failure, for a tired reader: what was broken, how to see it again, and the shortest log that explains it. */

import type { Plan } from '../plan.ts';
import type { Finding } from './finding.ts';
import { SENTENCES } from './invariants.ts';
import { logLine } from './log-lines.ts';

const RULE = '─'.repeat(100);

/** @param commit as people name it */
export function failurePage(finding: Finding, commit: string): string {
  const { seed, invariant, text, key, lines, leftOut } = finding;
  return [
    RULE,
    `${invariant} IS BROKEN: ${SENTENCES[invariant]}`,
    '',
    fact('seed', `${seed}`),
    fact('commit', commit),
    fact('what', text.replaceAll('\n', '\n'.padEnd(12))),
    ...(key === undefined ? [] : [fact('key', key)]),
    fact('cluster', cluster(finding.drawn)),
    fact('needs', needs(finding)),
    fact('replay', `${replayCommand(seed)}   (at this commit)`),
    '',
    `  The shortest log that explains it${leftOut > 0 ? `, the faults and the last lines, ${lines.length} of ${lines.length + leftOut}` : ''}`,
    '  (seconds, what, who):',
    '',
    ...lines.map(logLine),
    RULE,
  ].join('\n');
}

export function replayCommand(seed: number): string {
  return `make sim SEED=${seed}`;
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
    `found in ${tries} tries`,
  ].join(', ');
}

function seconds({ safetyMs }: Plan): string {
  return (safetyMs / 1000).toFixed(1);
}
