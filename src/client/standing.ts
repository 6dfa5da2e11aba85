/**
 * Which node to ask next. The everyday picture: stay with the clerk who served you; when he fails you, go to the next counter
 * and keep away from his for a while; whoever says "come back in ten minutes" is not asked before.
 *
 * Staying is on purpose: going back to a preferred node "to see whether it is well again" would cost somebody a share of his
 * deadline each time that it is not. Pure: `now` is passed in.
 */

/** What is remembered of a node. Moments are those of `Surroundings.now()`. */
export interface Standing {
  /** Since it last answered. */
  readonly failures: number;
  /** Until then others are preferred. */
  readonly avoidUntil: number;
  /** It has asked not to be asked before (gRPC A6, *pushback*). */
  readonly closedUntil: number;
}

export const GOOD: Standing = { failures: 0, avoidUntil: 0, closedUntil: 0 };

/** Long enough that a burst of calls does not fall for the same node, short enough to notice a restart. */
const AVOID_MS_FIRST = 1_000;
/** A node that stays down costs a client without a better one an attempt in this time, no more. */
const AVOID_MS_MAX = 15_000;

export function afterFailure(
  before: Standing,
  at: { now: number; pushbackMs: number | undefined },
): Standing {
  const avoidMs = Math.min(AVOID_MS_FIRST * 2 ** before.failures, AVOID_MS_MAX);
  return {
    failures: before.failures + 1,
    avoidUntil: at.now + avoidMs,
    closedUntil: at.now + Math.max(0, at.pushbackMs ?? 0),
  };
}

export interface Choice {
  readonly now: number;
  readonly standings: readonly Standing[];
  /** How often each was asked in this call. */
  readonly asked: readonly number[];
  /** The node that answered last. */
  readonly preferred: number;
}

/** The index of the node to ask, and how long it must not be asked yet. */
export function choose(choice: Choice): { readonly node: number; readonly waitMs: number } {
  const nodes = choice.standings.map((_, node) => node);
  const node = nodes.reduce((best, other) =>
    comesBefore(rank(other, choice), rank(best, choice)) ? other : best,
  );
  return { node, waitMs: closedMs(node, choice) };
}

/** The smaller the better, the first difference counts: not closed, not asked yet in this call, not avoided, near the preferred. */
function rank(node: number, choice: Choice): readonly number[] {
  const { now, standings, asked, preferred } = choice;
  const avoided = standings[node]!.avoidUntil > now ? 1 : 0;
  const distance = (node - preferred + standings.length) % standings.length;
  return [closedMs(node, choice), asked[node]!, avoided, distance];
}

function closedMs(node: number, { now, standings }: Choice): number {
  return Math.max(0, standings[node]!.closedUntil - now);
}

function comesBefore(a: readonly number[], b: readonly number[]): boolean {
  const differs = a.findIndex((value, i) => value !== b[i]);
  return differs >= 0 && a[differs]! < b[differs]!;
}
