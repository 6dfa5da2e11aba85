/**
 * Which messages of other nodes this one listens to (DESIGN §5): those meant for it, sent under the ring it
 * serves.
 */
import type { BootId, NodeName } from '../base/ids.ts';
import type { Cluster } from '../core/membership/cluster.ts';
import { ringDigest } from '../core/ring/ring.ts';
import type { Stamp } from '../ports/stamp.ts';

export function stampOf({ id, ring }: Cluster, way: Pick<Stamp, 'sender' | 'recipient' | 'bootId'>): Stamp {
  return { clusterId: id, epoch: ring.epoch, ringDigest: ringDigest(ring), ...way };
}

/**
 * Why a message is refused, in words; undefined if it is not. Meant for: 1. b ends, and c starts again at b's
 * address; 2. a sends a record to b and to c; 3. c would acknowledge it twice (I5). The process: 1. b's
 * machine hangs, and b is started anew elsewhere; 2. the old b wakes, and would go on collecting
 * acknowledgements in a name that is another's now.
 */
export function refusalOf(stamp: Stamp, { self, serving, bootOf }: Receiver): string | undefined {
  if (stamp.recipient !== self) return `this is ${self}, not ${stamp.recipient}`;
  if (serving === undefined) return 'this node is not serving yet';
  const boot = bootOf(stamp.sender);
  if (boot !== undefined && boot !== stamp.bootId) return `${stamp.sender} is another process now`;
  if (stamp.clusterId !== serving.id) return `this node belongs to cluster ${serving.id}`;
  if (stamp.epoch !== serving.ring.epoch) return `not owner, my epoch is ${serving.ring.epoch}`;
  if (stamp.ringDigest === ringDigest(serving.ring)) return undefined;
  return OTHER_RING;
}

const OTHER_RING = 'the same epoch, but another ring: one of the two is wrong';

/**
 * The same for gossip, which goes on between members of whom one has yet to follow to a newer ring (DESIGN
 * §5). Whether the process is the one that is known, its own entry says.
 */
export function gossipRefusalOf(
  stamp: Stamp,
  { self, cluster }: { readonly self: NodeName; readonly cluster: Cluster | undefined },
): string | undefined {
  if (stamp.recipient !== self) return `this is ${self}, not ${stamp.recipient}`;
  if (cluster === undefined) return 'this node belongs to no cluster yet';
  if (stamp.clusterId !== cluster.id) return `this node belongs to cluster ${cluster.id}`;
  if (stamp.epoch !== cluster.ring.epoch || stamp.ringDigest === ringDigest(cluster.ring)) return undefined;
  return OTHER_RING;
}

export interface Receiver {
  readonly self: NodeName;
  readonly serving: Cluster | undefined;
  /** The process that is known under a name since it has spoken; undefined if none has yet. */
  readonly bootOf: (node: NodeName) => BootId | undefined;
}
