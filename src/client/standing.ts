/**
 * Which node to ask next. The everyday picture: of the clerks who have your file, go to the one with the
 * shortest queue; keep away for a while from one who failed you, and send one person first to see whether he
 * is well again; whoever says "come back in ten minutes" is not asked before.
 *
 * A write goes to the first of those who hold its key unless that one has much more to do than others:
 * writers of one key then meet at one node, where the later follows the earlier, and not at two, where both
 * stand side by side. Pure: `now` is passed in.
 */

/** What is remembered of a node. Moments are those of `Surroundings.now()`. */
export interface Standing {
  /** Since it last answered; those of one burst are one. */
  readonly failures: number;
  readonly failedAt: number;
  /** Until then others are preferred. */
  readonly avoidUntil: number;
  /** It has asked not to be asked before (gRPC A6, *pushback*). */
  readonly closedUntil: number;
  /** That was because it is overloaded, and not because it is about to go. */
  readonly overloaded: boolean;
}

export const GOOD: Standing = {
  failures: 0,
  failedAt: Number.NEGATIVE_INFINITY,
  avoidUntil: 0,
  closedUntil: 0,
  overloaded: false,
};

/** Long enough that a burst of calls does not fall for the same node, short enough to notice a restart. */
const AVOID_MS_FIRST = 1_000;
/** A node that stays down costs a client without a better one an attempt in this time, no more. */
const AVOID_MS_MAX = 15_000;
/**
 * A write leaves the first owner of its key when that one has twice as much under way as another, and so much
 * more.
 */
const FIRST_FACTOR = 2;
const FIRST_MORE = 16;

export interface NodeFailed {
  readonly now: number;
  readonly pushbackMs: number | undefined;
  readonly overloaded: boolean;
}

/**
 * What fails while it is avoided already adds nothing: 1. a stream with a thousand requests is cut; 2.
 * counted each for itself, they would keep the client away from a node that is back in a second for as long
 * as from one that has been dead for an hour.
 */
export function afterFailure(before: Standing, { now, pushbackMs, overloaded }: NodeFailed): Standing {
  const closedUntil = Math.max(before.closedUntil, now + Math.max(0, pushbackMs ?? 0));
  const closed = { failedAt: now, closedUntil, overloaded: overloaded && closedUntil > now };
  if (now < before.avoidUntil) return { ...before, ...closed };
  const avoidMs = Math.min(AVOID_MS_FIRST * 2 ** before.failures, AVOID_MS_MAX);
  return { ...closed, failures: before.failures + 1, avoidUntil: now + avoidMs };
}

/** An answer to what was asked before the failure says nothing about the time after it. */
export function afterAnswer(before: Standing, askedAt: number): Standing {
  return askedAt > before.failedAt ? GOOD : before;
}

export interface Candidate {
  readonly standing: Standing;
  /** Requests of this client without an answer. */
  readonly underWay: number;
  /** It owes answers and has been silent for longer than it usually is. */
  readonly suspect: boolean;
  /** As much is under way to it as may be, if there is to be so much more. */
  full(bodyBytes: number): boolean;
}

export interface Choice<C extends Candidate> {
  readonly now: number;
  readonly write: boolean;
  /** Of the request. */
  readonly bodyBytes: number;
  /** Who holds the key, those of preference first; all there are while that is not known. */
  readonly owners: readonly C[];
  /** At least one; may have the owners among them. */
  readonly all: readonly C[];
  /** In this call; one entry for each attempt. */
  readonly asked: readonly C[];
  /** The index of the owner to ask when nothing else tells them apart. */
  readonly first: number;
}

/** The node to ask. If that is closed, or full, then so are all others that come into question. */
export function choose<C extends Candidate>(choice: Choice<C>): C {
  return leastLoaded(choice) ?? leastBad(choice);
}

/** How long a node must not be asked yet. */
export function closedMs({ closedUntil }: Standing, now: number): number {
  return Math.max(0, closedUntil - now);
}

/**
 * Of the owners that are well and were not asked yet; nearly always there is one. A full one if all of them
 * are.
 */
function leastLoaded<C extends Candidate>(choice: Choice<C>): C | undefined {
  const { owners, asked, now, first, write, bodyBytes } = choice;
  let best: C | undefined;
  let bestLoad = Number.POSITIVE_INFINITY;
  for (let i = 0; i < owners.length; i += 1) {
    const node = owners[(first + i) % owners.length]!;
    if (!isWell(node, now) || asked.includes(node)) continue;
    const load = node.full(bodyBytes) ? Number.MAX_VALUE : loadOf(node, write && i === 0);
    if (load < bestLoad) {
      best = node;
      bestLoad = load;
    }
  }
  return best;
}

function loadOf({ underWay }: Candidate, preferred: boolean): number {
  return preferred ? (underWay - FIRST_MORE) / FIRST_FACTOR : underWay;
}

/** After a failure one request at a time finds out whether it is well again. */
export function isWell({ standing, suspect, underWay }: Candidate, now: number): boolean {
  if (suspect) return false;
  if (standing === GOOD) return true;
  return standing.avoidUntil <= now && standing.closedUntil <= now && underWay === 0;
}

function leastBad<C extends Candidate>(choice: Choice<C>): C {
  const nodes = [...choice.owners, ...choice.all];
  return nodes.reduce((best, other) => (comesBefore(rank(other, choice), rank(best, choice)) ? other : best));
}

/** The smaller the better, the first difference counts. */
function rank<C extends Candidate>(node: C, { now, owners, asked, bodyBytes }: Choice<C>): readonly number[] {
  const times = asked.filter(other => other === node).length;
  const ill = isWell(node, now) ? 0 : 1;
  const isOther = owners.includes(node) ? 0 : 1;
  return [closedMs(node.standing, now), times, ill, isOther, node.full(bodyBytes) ? 1 : 0, node.underWay];
}

function comesBefore(a: readonly number[], b: readonly number[]): boolean {
  const differs = a.findIndex((value, i) => value !== b[i]);
  return differs >= 0 && a[differs]! < b[differs]!;
}
