/**
 * What keeps this node and a cluster that it is shown apart, in words. Two clusters are told apart by their
 * names; whether one has a place for a node that belongs to none, only its ring says. Pure.
 */
import type { NodeName } from '../base/ids.ts';
import { type Cluster, type ClusterName, clusterIdOf, type FoundingSet } from '../core/membership/cluster.ts';

/** A node that belongs to no cluster yet. */
export interface Newcomer {
  readonly self: NodeName;
  /** The set it has written down. */
  readonly vote: FoundingSet | undefined;
}

/** Undefined when it may take its place in what it is shown. */
export function conflictWithNewcomer(shown: Cluster, { self, vote }: Newcomer): string | undefined {
  const belongs = `it belongs to cluster ${shown.id}`;
  if (!isNamedBy(shown, self)) return `${belongs}, which was born without ${self}; its members are fixed`;
  if (vote === undefined || clusterIdOf(vote) === shown.id) return undefined;
  return `${belongs}, which counts on ${self}, but this node has written down to found another; wipe its data directory if its place is there`;
}

export function isNamedBy({ ring: { members } }: Cluster, self: NodeName): boolean {
  return members.some(({ name }) => name === self);
}

/** Undefined when it is one cluster. Another epoch of it is none: one of the two has yet to follow. */
export function conflictOfTwo({
  mine,
  theirs,
}: {
  readonly mine: ClusterName;
  readonly theirs: ClusterName;
}): string | undefined {
  if (mine.id !== theirs.id) return `it belongs to cluster ${theirs.id}, this node to ${mine.id}`;
  if (mine.epoch !== theirs.epoch || mine.ringDigest === theirs.ringDigest) return undefined;
  return `it has another ring of the same cluster and epoch ${mine.epoch}: one of the two is wrong`;
}
