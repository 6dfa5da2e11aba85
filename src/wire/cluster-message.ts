/**
 * Members, founders, a born cluster and its name (src/core/membership/cluster.ts), as messages. A ring from
 * outside is taken only if it is whole: each partition with as many distinct owners as the ring promises.
 * Whether it is *the* ring, its digest decides, not this file.
 */
import { compareText } from '../base/bytes.ts';
import { bootId, clusterId, type NodeName, nodeName } from '../base/ids.ts';
import { NODES_MAX } from '../core/limits.ts';
import type { Cluster, ClusterName, Founder, Member } from '../core/membership/cluster.ts';
import { readRing, ringToJson } from '../core/ring/json.ts';
import { WEIGHT_MAX } from '../core/ring/limits.ts';
import { PARTITIONS } from '../core/ring/placement.ts';
import type { Ring, RingMember } from '../core/ring/ring.ts';
import type { Cluster__Output, Cluster as ClusterMessage } from '../gen/shoal/peer/v1/Cluster.ts';
import type {
  ClusterName__Output,
  ClusterName as ClusterNameMessage,
} from '../gen/shoal/peer/v1/ClusterName.ts';
import type { Founder__Output, Founder as FounderMessage } from '../gen/shoal/peer/v1/Founder.ts';
import type { Member__Output, Member as MemberMessage } from '../gen/shoal/peer/v1/Member.ts';
import type { Ring__Output, Ring as RingMessage } from '../gen/shoal/peer/v1/Ring.ts';
import type { RingMember__Output } from '../gen/shoal/peer/v1/RingMember.ts';
import { isBetween, isHex, isText, readEach } from './foreign.ts';
import { isEpoch, isNodeName, isRingDigest } from './stamp.ts';

const ADDRESS_BYTES_MAX = 300;
const ZONE_BYTES_MAX = 255;

export function memberMessage({ name, address, peerAddress, zone, weight, bootId }: Member): MemberMessage {
  return { name, address, peerAddress, zone, weight, bootId };
}

export function readMember(message: Member__Output): Member | undefined {
  const { address, peerAddress } = message;
  const known = readRingMember(message);
  if (known === undefined || !isAddress(address) || !isAddress(peerAddress)) return undefined;
  if (!isHex(message.bootId, 32)) return undefined;
  const { name, zone, weight } = known;
  return { name, zone, weight, address, peerAddress, bootId: bootId(message.bootId) };
}

export function founderMessage({ name, zone, weight, nonce }: Founder): FounderMessage {
  return { name, zone, weight, nonce };
}

export function readFounder(message: Founder__Output): Founder | undefined {
  const known = readRingMember(message);
  return known && isHex(message.nonce, 32) ? { ...known, nonce: message.nonce } : undefined;
}

export function clusterMessage({ id, ring }: Cluster): ClusterMessage {
  return { id, ring: ringMessage(ring) };
}

export function readCluster(message: Cluster__Output): Cluster | undefined {
  const ring = message.ring ? readRingMessage(message.ring) : undefined;
  return ring && isHex(message.id, 16) ? { id: clusterId(message.id), ring } : undefined;
}

export function clusterNameMessage({ id, epoch, ringDigest }: ClusterName): ClusterNameMessage {
  return { id, epoch, ringDigest };
}

export function readClusterName({ id, epoch, ringDigest }: ClusterName__Output): ClusterName | undefined {
  if (!isHex(id, 16) || !isEpoch(epoch) || !isRingDigest(ringDigest)) return undefined;
  return { id: clusterId(id), epoch, ringDigest };
}

function ringMessage(ring: Ring): RingMessage {
  const json = ringToJson(ring);
  return {
    ...json,
    members: [...json.members],
    primaries: json.primaries.map(owners => ({ members: [...owners] })),
  };
}

/** Its members by this file's rules for names, its table by those of every ring (core/ring/json). */
function readRingMessage({ epoch, replication, members, primaries }: Ring__Output): Ring | undefined {
  const known = readEach(members, { max: NODES_MAX, read: readRingMember });
  if (known === undefined || primaries.length !== PARTITIONS) return undefined;
  return readRing({ epoch, replication, members: known, primaries: primaries.map(owners => owners.members) });
}

function readRingMember({ name, zone, weight }: RingMember__Output): RingMember | undefined {
  if (!isNodeName(name) || !isText(zone, ZONE_BYTES_MAX)) return undefined;
  return isBetween(weight, { min: 1, max: WEIGHT_MAX }) ? { name: nodeName(name), zone, weight } : undefined;
}

function isAddress(text: string): boolean {
  return text.includes(':') && isText(text, ADDRESS_BYTES_MAX);
}

/** Sorted by name, each name once. */
export function ascending(list: readonly { readonly name: NodeName }[]): boolean {
  return list.every((item, i) => i === 0 || compareText(list[i - 1]!.name, item.name) < 0);
}
