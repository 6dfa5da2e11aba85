/** How a node is started: what its operator says of it, and whom others know by that. */
import { Buffer } from 'node:buffer';
import { bootId, type NodeName } from '../base/ids.ts';
import type { Member } from '../core/membership/cluster.ts';
import type { Durability } from '../core/membership/identity.ts';
import type { Random } from '../ports/random.ts';

export interface NodeOptions {
  readonly name: NodeName;
  readonly zone: string;
  readonly weight: number;
  /** host:port for clients and for other nodes, as others can reach them. */
  readonly address: string;
  readonly peerAddress: string;
  /** Peer addresses of nodes to meet. */
  readonly join: readonly string[];
  /** Found a cluster of exactly so many; undefined: join one that is born. With neither, a cluster of one. */
  readonly expect: number | undefined;
  readonly durability: Durability;
  /**
   * N, replicas per key, of a cluster that this node founds: 3 unless said otherwise, and the same for all
   * its founders. Nobody compares it beforehand: where it differs, so do the digests of the rings under one
   * epoch, and the founders refuse each other's calls and greetings, and say so (stamp.ts, conflict.ts).
   */
  readonly replication?: number;
  /**
   * Ways in which owners come together that are off: for tests of what works without them, and for those
   * only.
   */
  readonly without?: ReadonlySet<WayTogether>;
}

export type WayTogether = 'read-repair' | 'hints' | 'anti-entropy';

/** The node as others are to know it: a process that has never been. */
export function memberOf({ name, zone, weight, address, peerAddress }: NodeOptions, random: Random): Member {
  const boot = bootId(Buffer.from(random.bytes(16)).toString('hex'));
  return { name, zone, weight, address, peerAddress, bootId: boot };
}
