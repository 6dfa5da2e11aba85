/**
 * The birth of a cluster (DESIGN §5, *Birth*), as one decision from what a node has been told: with `--expect N` each node writes down,
 * once and durably, the one set of exactly N members it will found; the ring is born when all N have said the same. With more than N met
 * nothing is founded, and every node names them. A node never elects itself alone because nobody answers (TRAPS R13).
 * Pure; that a vote is durable before it is shown is the caller's promise.
 */
import { compareText } from '../base/bytes.ts';
import type { NodeName } from '../base/ids.ts';
import { type Founder, type FoundingSet, sameFounders } from './cluster.ts';

export interface FoundingView {
  /** How many nodes shall found the cluster. */
  readonly expect: number;
  /** Every founder known of, this node included. */
  readonly met: ReadonlyMap<NodeName, Founder>;
  /** Those that have spoken to this node themselves, this node included: hearsay may be out of date. */
  readonly heard: ReadonlySet<NodeName>;
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

function beforeVote({ expect, met, heard }: FoundingView): FoundingStep {
  const names = [...met.keys()].sort(compareText);
  if (names.length > expect) {
    return wait(
      `${names.length} nodes have met but ${expect} are expected: ${names.join(', ')}; stop the surplus ones and start the others again`,
    );
  }
  if (names.length < expect)
    return wait(`${expect - names.length} more of ${expect} nodes; met so far: ${names.join(', ')}`);
  const silent = names.filter(name => !heard.has(name));
  if (silent.length > 0) return wait(...silent.map(name => `a word from ${name} itself`));
  return { kind: 'vote', set: names.map(name => met.get(name)!) };
}

function afterVote({ votes }: FoundingView, vote: FoundingSet): FoundingStep {
  const awaited = vote.flatMap(({ name }) => {
    const said = votes.get(name);
    if (said === undefined) return [`${name} to write down the founding set`];
    return sameFounders(said, vote)
      ? []
      : [
          `${name}, which has written down another set: ${namesOf(said)} instead of ${namesOf(vote)}; wipe the nodes that should not belong and start again`,
        ];
  });
  return awaited.length === 0 ? { kind: 'found', set: vote } : wait(...awaited);
}

function namesOf(set: FoundingSet): string {
  return set.map(({ name }) => name).join(', ');
}

function wait(...awaited: readonly string[]): FoundingStep {
  return { kind: 'wait', awaited };
}
