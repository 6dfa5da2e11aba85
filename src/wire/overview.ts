/**
 * What a node tells of itself and the cluster (src/ports/overview.ts), as the messages of shoal.v1.Cluster.
 */
import { Buffer } from 'node:buffer';
import type { LocateResponse } from '../gen/shoal/v1/LocateResponse.ts';
import type { Member as MemberMessage } from '../gen/shoal/v1/Member.ts';
import type { Place } from '../gen/shoal/v1/Place.ts';
import type { Refill } from '../gen/shoal/v1/Refill.ts';
import type { Repair } from '../gen/shoal/v1/Repair.ts';
import type { RepairWith as RepairWithMessage } from '../gen/shoal/v1/RepairWith.ts';
import type { RingResponse } from '../gen/shoal/v1/RingResponse.ts';
import type { StatusResponse } from '../gen/shoal/v1/StatusResponse.ts';
import type {
  Location,
  Refilling,
  Repairing,
  RepairWith,
  SeenMember,
  SeenRing,
  Status,
} from '../ports/overview.ts';

export function statusMessage(status: Status): StatusResponse {
  const { node, state, members, awaited, recoveringPartitions, records, hints, foreignRecords } = status;
  return {
    node,
    state,
    ...ringFacts(status),
    members: members.map(memberMessage),
    awaited: [...awaited],
    recoveringPartitions,
    records,
    hints,
    counters: Object.fromEntries(status.counters),
    hintsFor: status.hintsFor.map(owed => ({ ...owed })),
    foreignRecords,
    repair: repairMessage(status.repair),
    refill: refillMessage(status.refill),
  };
}

export function locationMessage({ partition, epoch, primaries, fallbacks }: Location): LocateResponse {
  return { partition, epoch, primaries: primaries.map(placeMessage), fallbacks: fallbacks.map(placeMessage) };
}

export function ringMessage({ node, cluster, members }: SeenRing): RingResponse {
  if (cluster === undefined) return { node };
  const { epoch, replication, primaries } = cluster.ring;
  const indexes = new Map(members.map(({ name }, i) => [name, i]));
  return {
    node,
    clusterId: Buffer.from(cluster.id, 'hex'),
    epoch,
    replication,
    members: members.map(placeMessage),
    primaries: primaries.map(names => ({ members: names.map(name => indexes.get(name)!) })),
  };
}

function ringFacts({ cluster, ringDigest }: Status): Partial<StatusResponse> {
  if (cluster === undefined) return {};
  const { id, ring } = cluster;
  return {
    clusterId: Buffer.from(id, 'hex'),
    ringDigest: Buffer.from(ringDigest, 'hex'),
    epoch: ring.epoch,
    partitions: ring.primaries.length,
    replication: ring.replication,
  };
}

function repairMessage({ asked, agreed, with: others }: Repairing): Repair {
  return { asked, agreed, with: others.map(repairWithMessage) };
}

function repairWithMessage({ agreedMs, ...rest }: RepairWith): RepairWithMessage {
  return { ...wholeTimes(rest), ...(agreedMs === undefined ? {} : { agreedMs: Math.round(agreedMs) }) };
}

function refillMessage(refill: Refilling): Refill {
  return wholeTimes(refill);
}

/** Times are whole milliseconds; what is not known is left out. */
function wholeTimes<T extends Pick<Refilling, 'tookMs' | 'leftMs'>>({ tookMs, leftMs, ...rest }: T) {
  const left = leftMs === undefined ? {} : { leftMs: Math.round(leftMs) };
  return { ...rest, tookMs: Math.round(tookMs), ...left };
}

function memberMessage({
  name,
  address,
  peerAddress,
  zone,
  weight,
  up,
  partitions,
  state,
  silentMs,
}: SeenMember): MemberMessage {
  return { name, address, peerAddress, zone, weight, up, partitions, state, silentMs };
}

function placeMessage({ name, address, up }: SeenMember): Place {
  return { name, address, up };
}
