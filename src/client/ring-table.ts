/**
 * Judges what a node tells of its ring: it may be of another version, or wrong, and a table with a hole would
 * lose requests.
 */
import { Buffer } from 'node:buffer';
import { isBetween } from '../wire/foreign.ts';
import { isAddress } from './addresses.ts';
import type { RingTable } from './nodes.ts';

/** shoal.v1.RingResponse */
export interface RingReply {
  readonly node: string;
  readonly clusterId: Uint8Array;
  readonly epoch: number;
  readonly members: readonly { readonly name: string; readonly address: string; readonly up: boolean }[];
  readonly primaries: readonly { readonly members: readonly number[] }[];
}

export interface SeenRing extends RingTable {
  /** Of the node that told it. */
  readonly node: string;
  /** Hex. */
  readonly clusterId: string;
  readonly members: RingReply['members'];
}

const PARTITIONS_MAX = 2 ** 16;

/** Undefined when it is none, or not born yet. */
export function readRing({ node, clusterId, epoch, members, primaries }: RingReply): SeenRing | undefined {
  const isOwner = (index: number): boolean => isBetween(index, { min: 0, max: members.length - 1 });
  const isWhole = primaries.every(owners => owners.members.length > 0 && owners.members.every(isOwner));
  if (!isCount(primaries.length) || !isWhole || !isBetween(epoch, { min: 1, max: Number.MAX_SAFE_INTEGER }))
    return undefined;
  return {
    node,
    clusterId: Buffer.from(clusterId).toString('hex'),
    epoch,
    members,
    addresses: members.map(({ address }) => (isAddress(address) ? address : '')),
    primaries: primaries.map(owners => owners.members),
  };
}

/** A power of two. */
function isCount(partitions: number): boolean {
  return partitions >= 1 && partitions <= PARTITIONS_MAX && Number.isInteger(Math.log2(partitions));
}
