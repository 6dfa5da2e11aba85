/** What keeps this node and a cluster that it is shown apart, in words. Pure. */
import type { NodeName } from '../base/ids.ts';
import { type Cluster, clusterIdOf, type FoundingSet } from '../core/membership/cluster.ts';
import { ringDigest } from '../core/ring/ring.ts';

export interface Standing {
  readonly self: NodeName;
  /** The cluster this node belongs to. */
  readonly cluster: Cluster | undefined;
  /** The set it has written down. */
  readonly vote: FoundingSet | undefined;
}

/** Undefined when there is nothing: it is this node's cluster, or one that it may take its place in. */
export function conflictWith(shown: Cluster, { self, cluster, vote }: Standing): string | undefined {
  if (cluster !== undefined) return conflictOfTwo(cluster, shown);
  const belongs = `it belongs to cluster ${shown.id}`;
  if (!isNamedBy(shown, self)) return `${belongs}, which was born without ${self}; its members are fixed`;
  if (vote === undefined || clusterIdOf(vote) === shown.id) return undefined;
  return `${belongs}, which counts on ${self}, but this node has written down to found another; wipe its data directory if its place is there`;
}

export function isNamedBy({ ring: { members } }: Cluster, self: NodeName): boolean {
  return members.some(({ name }) => name === self);
}

function conflictOfTwo(mine: Cluster, shown: Cluster): string | undefined {
  if (mine.id !== shown.id) return `it belongs to cluster ${shown.id}, this node to ${mine.id}`;
  if (mine.ring.epoch !== shown.ring.epoch || ringDigest(mine.ring) === ringDigest(shown.ring))
    return undefined;
  return `it has another ring of the same cluster and epoch ${mine.ring.epoch}: one of the two is wrong`;
}
