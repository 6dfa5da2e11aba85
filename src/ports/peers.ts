/** The other nodes, and this one, by name. */
import type { NodeName } from '../base/ids.ts';
import type { Comparisons } from './comparisons.ts';
import type { Gossiper } from './gossip.ts';
import type { Meetings } from './meeting.ts';
import type { Failure, Replica } from './replica.ts';
import type { Requests } from './requests.ts';
import type { Stamp } from './stamp.ts';

export interface Peers {
  /** The share of data on that node; this node's own is reached by a loopback. */
  replica(node: NodeName): Replica;
  /**
   * The coordinator on that node; it does not hand a request on again. Its methods reject with ShoalError, or
   * with ReplicaFailed `not sent` when nothing left this node, so that the next replica may be tried.
   */
  coordinator(node: NodeName): Requests;
  /** What that node's digests tell of its records. */
  comparisons(node: NodeName): Comparisons;
  /** Whether that node is believed to answer. This node always is. */
  reachable(node: NodeName): boolean;
}

/**
 * What the shell that speaks to other nodes offers; the node adds the loopback and its own view of who is
 * reachable.
 */
export interface Remotes extends Meetings {
  replica(node: NodeName): Replica;
  coordinator(node: NodeName): Requests;
  comparisons(node: NodeName): Comparisons;
  gossiper(node: NodeName): Gossiper;
  /**
   * It owes this node answers and has been silent for longer than it usually takes: better ask another
   * (DESIGN §8).
   */
  suspect(node: NodeName): boolean;
  /**
   * A fresh connection to that node from the next call on: it is known to be back, and the old one may sit
   * out its back-off (DESIGN §7).
   */
  kick(node: NodeName): void;
  /** Frees all connections; what is under way fails as `lost`. */
  close(): void;
}

/** What that shell needs from the node. */
export interface RemoteHooks {
  /** host:port of the peer port; undefined while unknown, and calls then fail as `not sent`. */
  addressOf(node: NodeName): string | undefined;
  /** Goes with every message to that node but a greeting. */
  stamp(to: NodeName): Stamp;
  /**
   * Any answer came: it lives. Not so a refusal: 1. n1 is gone, and n3 is started at its address; 2. each
   * call to n1 is refused there; 3. n1 would be taken for alive for ever.
   */
  heard(node: NodeName): void;
  failed(node: NodeName, failure: Failure): void;
}
