/**
 * How nodes meet: each tells the other all it knows of the cluster, and gets the same back. It founds
 * clusters, and brings rings and addresses to whoever lacks them. Members that have met gossip (gossip.ts).
 */
import type { Incarnation } from '../base/ids.ts';
import type { Cluster, ClusterName, Founder, FoundingSet, Member } from '../core/membership/cluster.ts';
import type { Call } from './call.ts';

export interface Meeting {
  /** Rejects with ReplicaFailed when the other side is not there. */
  meet(greeting: Greeting, call: Call): Promise<Greeting>;
}

/**
 * Other nodes by the address of their peer port: the only way to speak to one whose name is not known yet.
 */
export interface Meetings {
  at(peerAddress: string): Meeting;
}

/**
 * A batch is named only once it is committed, so that a crash never leaves a store behind what others have
 * heard of it.
 */
export interface StoreProgress {
  /** 32 hex digits. */
  readonly id: string;
  readonly lastBatch: number;
}

export interface Greeting {
  /** Who speaks. */
  readonly self: Member;
  /** Of the speaker's own entry (core/membership/view). */
  readonly version: number;
  /**
   * In an answer: the version at which the listener believes something else of the other side than its own
   * word, that it is down or another process; 0 if it does not. Whoever lives goes above it.
   */
  readonly disputedVersion: number;
  /** In an answer: by that version it is down. */
  readonly disputedDown: boolean;
  /** How many nodes the speaker waits for, if it is to found a cluster. */
  readonly expect: number | undefined;
  /** The speaker as a founder, if it belongs to no cluster yet. */
  readonly founder: Founder | undefined;
  /** Everybody the speaker knows of, itself included, sorted by name. */
  readonly members: readonly Member[];
  /** The founders the speaker knows of that belong to no cluster yet, itself included, sorted by name. */
  readonly met: readonly Founder[];
  /** The set the speaker has durably written down as the one it will found, until it belongs to a cluster. */
  readonly vote: FoundingSet | undefined;
  /** The cluster the speaker belongs to. */
  readonly named: ClusterName | undefined;
  /** The same with its ring; left out for a listener that is known to have it. */
  readonly cluster: Cluster | undefined;
  /** How far the speaker's store has come. */
  readonly store: StoreProgress;
  /**
   * In an answer: how far, by what the listener has heard, earlier processes of the other side had come with
   * the store that it names; 0 if none. A process that began behind it has a store that was rolled back
   * underneath it, with all that lay beside it on that disk (TRAPS C6). Of a store that another has followed
   * it is a number that no store reaches.
   */
  readonly rememberedBatch: number;
  /** The incarnation that the speaker would like to keep: asks how far the listener knows it. */
  readonly incarnation: Incarnation | undefined;
  /**
   * Answers that: the highest counter the listener holds of the incarnation the other side named; 0 if none.
   */
  readonly highestCounter: number;
}
