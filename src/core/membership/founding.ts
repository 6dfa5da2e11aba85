/**
 * The birth of a cluster (DESIGN §5, *Birth*), as one decision from what a node has been told: with `--expect
 * N` each node writes down, once and durably, the one set of exactly N members it will found; the ring is
 * born when all N have said the same. With more than N met nothing is founded, and every node names them. A
 * node never elects itself alone because nobody answers (TRAPS R13). Pure; that a vote is durable before it
 * is shown is the caller's promise.
 */
import { compareText } from '../../base/bytes.ts';
import type { NodeName } from '../../base/ids.ts';
import { type Founder, type FoundingSet, sameFounders } from './cluster.ts';

export interface FoundingView {
  /** How many nodes shall found the cluster. */
  readonly expect: number;
  /** Every founder known of, this node included. */
  readonly met: ReadonlyMap<NodeName, Founder>;
  /**
   * How many each of them waits for, as it says itself, this node included. Who is missing is known by
   * hearsay, which may be out of date.
   */
  readonly heard: ReadonlyMap<NodeName, number | undefined>;
  /** What each has durably written down, as it says itself. */
  readonly votes: ReadonlyMap<NodeName, FoundingSet>;
  /** What this node has written down. */
  readonly vote: FoundingSet | undefined;
}

export type FoundingStep =
  | { readonly kind: 'wait'; readonly awaited: readonly string[] }
  /** Write this set down, durably, then show it. */
  | { readonly kind: 'vote'; readonly set: FoundingSet }
  /** All have said the same: the cluster is born. */
  | { readonly kind: 'found'; readonly set: FoundingSet };

export function foundingStep(view: FoundingView): FoundingStep {
  return view.vote === undefined ? beforeVote(view) : afterVote(view, view.vote);
}

function beforeVote(view: FoundingView): FoundingStep {
  const { expect, met, heard } = view;
  const names = [...met.keys()].sort(compareText);
  if (names.length > expect) return wait(tooMany(names, expect));
  if (names.length < expect)
    return wait(
      `${expect - names.length} more of ${expect} nodes; met so far: ${names.join(', ')}`,
      ...disagreeing(view, names),
    );
  const silent = names.filter(name => !heard.has(name)).map(name => `a word from ${name} itself`);
  const obstacles = [...silent, ...disagreeing(view, names)];
  return obstacles.length > 0 ? wait(...obstacles) : { kind: 'vote', set: names.map(name => met.get(name)!) };
}

/**
 * Two sizes cannot both come true, and what is written down is not changed again: so they are told before.
 */
function disagreeing({ expect, heard }: FoundingView, names: readonly NodeName[]): readonly string[] {
  return names
    .filter(name => heard.has(name) && heard.get(name) !== expect)
    .map(
      name =>
        `${name} to agree on the number: it expects ${heard.get(name) ?? 'none'}, this node ${expect}; start them with the same --expect`,
    );
}

function tooMany(names: readonly NodeName[], expect: number): string {
  return `${names.length} nodes have met but ${expect} are expected: ${names.join(', ')}; stop them all, then start those that belong`;
}

function afterVote({ met, votes }: FoundingView, vote: FoundingSet): FoundingStep {
  const awaited = vote.flatMap(({ name }) => {
    const said = votes.get(name);
    if (said === undefined) return [`${name} to write down the founding set`];
    if (sameFounders(said, vote)) return [];
    return [
      `${name}, which has written down another set: ${describe(said, vote)} instead of ${describe(vote, said)}; wipe the nodes that should not belong and start again`,
    ];
  });
  if (awaited.length === 0) return { kind: 'found', set: vote };
  // Whoever met one more before it could vote does not vote at all.
  const names = [...new Set([...met.keys(), ...vote.map(({ name }) => name)])].sort(compareText);
  return wait(...(names.length > vote.length ? [tooMany(names, vote.length)] : []), ...awaited);
}

/** Names, and what else tells a founder from its namesake in the other set: a new disk, another zone. */
function describe(set: FoundingSet, other: FoundingSet): string {
  return set
    .map(founder => {
      const namesake = other.find(({ name }) => name === founder.name);
      return namesake === undefined || sameFounders([founder], [namesake])
        ? founder.name
        : `${founder.name} (disk ${founder.nonce.slice(0, 8)}, zone '${founder.zone}', weight ${founder.weight})`;
    })
    .join(', ');
}

function wait(...awaited: readonly string[]): FoundingStep {
  return { kind: 'wait', awaited };
}
