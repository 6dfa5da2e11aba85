/**
 * The ring: the versioned table partition → nodes, and what is read from it (DESIGN §5; Dynamo §4.3, §6.2
 * strategy 3).
 *
 * `ring()` is a function of the set of members, and of the ring before if there is one. Zones come first: the
 * copies of a partition lie in as many zones as there are, up to N. Then balance: each node holds its fair
 * share by weight (src/core/ring/shares.ts), rounded down or up, and is first, second, … for an even part of
 * what it holds. Within these, as few copies as possible move (src/core/ring/holders.ts, places.ts). All
 * nodes that know the members make the same ring. What happens to the data while one ring follows another is
 * not decided here.
 */
import { Buffer } from 'node:buffer';
import { assert } from '../../base/assert.ts';
import { compareText } from '../../base/bytes.ts';
import { digest } from '../../base/hash.ts';
import type { NodeName, Partition } from '../../base/ids.ts';
import { NODES_MAX, REPLICAS_MAX } from '../limits.ts';
import { Fallbacks } from './fallbacks.ts';
import { chooseHolders, type Table } from './holders.ts';
import { isCount, isPartitionCount, WEIGHT_MAX } from './limits.ts';
import { orderHolders } from './places.ts';

/** What placement depends on. */
export interface RingMember {
  readonly name: NodeName;
  /** Failure domain (rack, room, …); members of one zone are taken to fail together. */
  readonly zone: string;
  /** Its share of partitions relative to the others, an integer 1 … 1000. */
  readonly weight: number;
}

/** The versioned table partition → nodes. */
export interface Ring {
  /** 1 at birth. */
  readonly epoch: number;
  /** N: how many nodes own a partition (fewer when there are fewer members). */
  readonly replication: number;
  /** Sorted by name. */
  readonly members: readonly RingMember[];
  /**
   * For each of the Q partitions the names of its primaries, first places first: min(N, members) distinct
   * nodes.
   */
  readonly primaries: readonly (readonly NodeName[])[];
}

/** The nodes for a key in order (Dynamo §4.3). */
export interface PreferenceList {
  readonly primaries: readonly NodeName[];
  /** Every other member: who stands in when primaries are out. */
  readonly fallbacks: readonly NodeName[];
}

export interface RingPlan {
  /** In any order; names differ. */
  readonly members: readonly RingMember[];
  /** Q, a power of two; that of the ring before. */
  readonly partitions: number;
  /** N, 1 … 7. */
  readonly replication: number;
  /** Above that of the ring before. */
  readonly epoch: number;
}

/** @param previous the ring that this one follows: data moves only as far as it must */
export function ring(plan: RingPlan, previous?: Ring): Ring {
  const { epoch, replication, partitions } = plan;
  const members = plan.members
    .map(({ name, zone, weight }) => ({ name, zone, weight }))
    .sort((a, b) => compareText(a.name, b.name));
  checkPlan({ ...plan, members }, previous);
  const before = previous === undefined ? [] : tableOf(previous.primaries, members);
  const holders = chooseHolders(
    members,
    { partitions, copies: Math.min(replication, members.length) },
    before,
  );
  const table = orderHolders(holders, before);
  return { epoch, replication, members, primaries: table.map(row => row.map(index => members[index]!.name)) };
}

function checkPlan({ members, partitions, replication, epoch }: RingPlan, previous?: Ring): void {
  assert(isPartitionCount(partitions), 'partitions are a power of two up to 65536');
  assert(
    previous === undefined || previous.primaries.length === partitions,
    'Q is fixed at the birth of a cluster',
  );
  assert(Number.isSafeInteger(epoch) && epoch > (previous?.epoch ?? 0), 'epochs grow');
  assert(isCount(replication, REPLICAS_MAX), 'N is within its limit');
  assert(isCount(members.length, NODES_MAX), 'the number of members is within its limit');
  assert(
    members.every(member => isCount(member.weight, WEIGHT_MAX)),
    'weights are integers within their limit',
  );
  assert(new Set(members.map(member => member.name)).size === members.length, 'names of members differ');
}

/** Cheap: computed once for each partition of a ring. */
export function preferenceList(ring: Ring, partition: Partition): PreferenceList {
  const { lists, fallbacks } = readingOf(ring);
  const primaries = ring.primaries[partition];
  assert(primaries !== undefined, 'a partition is 0 … Q−1');
  lists[partition] ??= { primaries, fallbacks: fallbacks.of(partition, primaries) };
  return lists[partition];
}

/**
 * Canonical over all that is in a ring; 32 hex digits. Nodes that serve one epoch with two digests refuse
 * each other (DESIGN §5).
 */
export function ringDigest(ring: Ring): string {
  const reading = readingOf(ring);
  reading.digest ??= digest(Buffer.from(canonical(ring))).toString('hex');
  return reading.digest;
}

function canonical({ epoch, replication, members, primaries }: Ring): string {
  return JSON.stringify([
    epoch,
    replication,
    members.map(({ name, zone, weight }) => [name, zone, weight]),
    primaries,
  ]);
}

/** What has been worked out of a ring so far. */
interface Reading {
  readonly fallbacks: Fallbacks<NodeName>;
  readonly lists: PreferenceList[];
  digest?: string;
}

const readings = new WeakMap<Ring, Reading>();

function readingOf(ring: Ring): Reading {
  const known = readings.get(ring);
  if (known !== undefined) return known;
  const reading = { fallbacks: new Fallbacks(ring.members), lists: [] };
  readings.set(ring, reading);
  return reading;
}

/** Names as indexes of members; −1 is a node that has left. */
function tableOf(primaries: Ring['primaries'], members: readonly RingMember[]): Table {
  const indexes = new Map(members.map(({ name }, index) => [name, index]));
  return primaries.map(row => row.map(name => indexes.get(name) ?? -1));
}
