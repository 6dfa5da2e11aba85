/** Who is owed writes, and which nodes keep the notes of it. Pure. */
import { compareText } from '../../base/bytes.ts';
import type { ClusterStatus } from '../../client/index.ts';
import { groupBy } from '../group.ts';

export interface Owed {
  readonly target: string;
  readonly count: number;
  /** How long ago the oldest of them was missed. */
  readonly oldestMs: number;
  /** The nodes that keep them. */
  readonly at: readonly { readonly node: string; readonly count: number }[];
}

/** Sorted by target. */
export function owedHints(answers: readonly ClusterStatus[]): readonly Owed[] {
  const all = answers.flatMap(({ node, hintsFor }) => hintsFor.map(hints => ({ node, ...hints })));
  return [...groupBy(all, ({ target }) => target)]
    .map(([target, kept]) => ({
      target,
      count: kept.reduce((sum, { count }) => sum + count, 0),
      oldestMs: Math.max(...kept.map(({ oldestMs }) => oldestMs)),
      at: kept.map(({ node, count }) => ({ node, count })),
    }))
    .sort((a, b) => compareText(a.target, b.target));
}
