/** How the log of a run looks to people, and which of its lines explain a failure. */
import type { About, Line } from '../trace.ts';

/** More is not read by anybody. */
const EXPLAINING_LINES_MAX = 200;

/** These explain a failure whatever it is about. */
const ALWAYS: readonly About[] = ['fault', 'node', 'oracle'];

/** `  12.345  fault    n2 is killed`: seconds, what, who. */
export function logLine({ at, about, text }: Line): string {
  return `${(at / 1000).toFixed(3).padStart(9)}  ${about.padEnd(8)}${text}`;
}

/**
 * Faults, starts and stops, the oracle's objection, and what happened to the key it is about; of no key, what
 * clients did.
 */
export function explaining(lines: readonly Line[], key: string | undefined): readonly Line[] {
  return lines.filter(
    line => ALWAYS.includes(line.about) || (key === undefined ? line.about === 'client' : line.key === key),
  );
}

/**
 * The faults, of which a shrunk plan has few, and as many of the last other lines as make it {@link
 * EXPLAINING_LINES_MAX}.
 */
export function abridged(lines: readonly Line[]): readonly Line[] {
  const faults = lines.filter(({ about }) => about === 'fault').slice(-EXPLAINING_LINES_MAX / 2);
  const others = lines.filter(({ about }) => about !== 'fault');
  const kept = new Set([...faults, ...others.slice(faults.length - EXPLAINING_LINES_MAX)]);
  return lines.filter(line => kept.has(line));
}

/** The first line in which two logs differ, as each has it; undefined if they do not. */
export function parting(
  a: readonly Line[],
  b: readonly Line[],
): { readonly one: Line | undefined; readonly other: Line | undefined } | undefined {
  const at = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => i).find(i => !same(a[i], b[i]));
  return at === undefined ? undefined : { one: a[at], other: b[at] };
}

function same(a: Line | undefined, b: Line | undefined): boolean {
  return a !== undefined && b !== undefined && logLine(a) === logLine(b);
}
