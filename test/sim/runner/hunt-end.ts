/** How the hunt for one mutant ended: what counts as a catch, and the line that tells of it. */
import type { Mutant } from '../mutants/mutate.ts';
import type { Answer } from './worker-process.ts';

export type End =
  | { readonly kind: 'caught'; readonly seed: number; readonly by: string; readonly unexpected: boolean }
  | { readonly kind: 'survived' | 'failed' | 'crashed' | 'hung'; readonly why: string };

type Objection = Exclude<Answer, { kind: 'held' }>;

interface Judged {
  readonly mutant: Mutant;
  readonly seed: number;
  readonly answer: Objection;
  /** What the code as it is makes of that seed. */
  readonly without: Answer;
}

/** A process that ends is a catch only of a mutant that is known to end it: it may have been the machine. */
export function judged({ mutant: { invariants }, seed, answer, without }: Judged): End {
  if (without.kind !== 'held')
    return { kind: 'failed', why: `seed ${seed} without it, too: ${without.text}` };
  const by = answer.kind === 'failed' ? answer.invariant : 'crash';
  const expected = invariants?.includes(by) ?? answer.kind === 'failed';
  if (answer.kind === 'hung' || (answer.kind === 'crashed' && !expected))
    return { kind: answer.kind, why: `seed ${seed}: ${answer.text}` };
  return { kind: 'caught', seed, by, unexpected: !expected };
}

interface HuntLine {
  readonly number: number;
  readonly all: number;
  readonly mutant: Mutant;
  readonly end: End;
  readonly ms: number;
}

/** `   7/43  caught    seed   3  I4      2.1 s  an apply is acknowledged before …` */
export function huntLine({ number, all, mutant, end, ms }: HuntLine): string {
  const caught =
    end.kind === 'caught' ? `seed ${String(end.seed).padStart(3)}  ${end.by.padEnd(5)}` : ''.padEnd(15);
  const columns = [
    `${number}/${all}`.padStart(7),
    (end.kind === 'caught' ? 'caught' : end.kind.toUpperCase()).padEnd(8),
    caught,
    `${(ms / 1000).toFixed(1).padStart(6)} s`,
    mutant.name,
  ];
  return [...columns, ...remark(end, mutant)].join('  ');
}

function remark(end: End, { invariants }: Mutant): readonly string[] {
  if (end.kind !== 'caught') return [`(${end.why})`];
  return end.unexpected ? [`(expected: ${invariants?.join(', ')})`] : [];
}
