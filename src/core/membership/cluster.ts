/**
 * Who belongs to a cluster: members, the founding set, the cluster's id. Words of DESIGN §2; decides nothing
 * else.
 */
import { Buffer } from 'node:buffer';
import { compareText } from '../../base/bytes.ts';
import { digest } from '../../base/hash.ts';
import { type BootId, type ClusterId, clusterId } from '../../base/ids.ts';
import { type Ring, type RingMember, ringDigest } from '../ring/ring.ts';

/** What is known of a node. */
export interface Member extends RingMember {
  /** host:port for clients. */
  readonly address: string;
  /** host:port for other nodes. */
  readonly peerAddress: string;
  /** The process that last spoke for this name. */
  readonly bootId: BootId;
}

/**
 * A member as it is counted at the birth of a cluster. The nonce is drawn with the data directory, so that
 * two clusters founded by the same names are two clusters, and a context of the one is foreign to the other.
 */
export interface Founder extends RingMember {
  /** 32 hex digits. */
  readonly nonce: string;
}

/** Sorted by name. */
export type FoundingSet = readonly Founder[];

/** A born cluster: what a node keeps in its cluster file and shows whoever has not got it. */
export interface Cluster {
  readonly id: ClusterId;
  readonly ring: Ring;
}

/** What tells a cluster under its ring from every other, for those who have the ring. */
export interface ClusterName {
  readonly id: ClusterId;
  readonly epoch: number;
  readonly ringDigest: string;
}

export function nameOfCluster({ id, ring }: Cluster): ClusterName {
  return { id, epoch: ring.epoch, ringDigest: ringDigest(ring) };
}

/** Whether both are named, and alike in all. */
export function namesSame(a: ClusterName | undefined, b: ClusterName | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.id === b.id && a.epoch === b.epoch && a.ringDigest === b.ringDigest;
}

export function clusterIdOf(founders: FoundingSet): ClusterId {
  return clusterId(digest(Buffer.from(canonical(founders))).toString('hex', 0, 8));
}

/** Whether two nodes have written down the same founding set. */
export function sameFounders(a: FoundingSet, b: FoundingSet): boolean {
  return canonical(a) === canonical(b);
}

function canonical(founders: FoundingSet): string {
  const sorted = [...founders].sort((a, b) => compareText(a.name, b.name));
  return JSON.stringify(sorted.map(({ name, zone, weight, nonce }) => [name, zone, weight, nonce]));
}
