/**
 * A ring as plain data, for the cluster file and for messages: members once, the table as indexes of them.
 * Reading is total: whatever is no ring is refused, never mended. It checks form (sizes, known and distinct
 * nodes), not that the table is the one `ring()` would make: a later version may place better, and an old
 * table must still be read.
 */
import { compareText } from '../../base/bytes.ts';
import { type NodeName, nodeName } from '../../base/ids.ts';
import { NODES_MAX, REPLICAS_MAX } from '../limits.ts';
import { isCount, isPartitionCount, WEIGHT_MAX } from './limits.ts';
import type { Ring, RingMember } from './ring.ts';

export interface RingJson {
  readonly epoch: number;
  readonly replication: number;
  /** Sorted by name. */
  readonly members: readonly { readonly name: string; readonly zone: string; readonly weight: number }[];
  /** For each partition indexes of its primaries among the members. */
  readonly primaries: readonly (readonly number[])[];
}

export function ringToJson({ epoch, replication, members, primaries }: Ring): RingJson {
  const indexes = new Map(members.map(({ name }, index) => [name, index]));
  return {
    epoch,
    replication,
    members: members.map(({ name, zone, weight }) => ({ name, zone, weight })),
    primaries: primaries.map(row => row.map(name => indexes.get(name)!)),
  };
}

/** The ring in what {@link ringToJson} gave, or undefined if it is none. */
export function readRing(json: unknown): Ring | undefined {
  if (!isObject(json)) return undefined;
  const { epoch, replication } = json;
  if (!isCount(epoch, Number.MAX_SAFE_INTEGER) || !isCount(replication, REPLICAS_MAX)) return undefined;
  const members = readMembers(json.members);
  if (members === undefined) return undefined;
  const primaries = readTable(json.primaries, { members, copies: Math.min(replication, members.length) });
  return primaries && { epoch, replication, members, primaries };
}

function readMembers(json: unknown): readonly RingMember[] | undefined {
  if (!Array.isArray(json) || !isCount(json.length, NODES_MAX)) return undefined;
  const members = readEach(json, readMember);
  const sorted = members?.every(({ name }, i) => i === 0 || compareText(members[i - 1]!.name, name) < 0);
  return sorted ? members : undefined;
}

function readMember(json: unknown): RingMember | undefined {
  if (!isObject(json)) return undefined;
  const { name, zone, weight } = json;
  if (!isText(name) || name === '' || !isText(zone) || !isCount(weight, WEIGHT_MAX)) return undefined;
  return { name: nodeName(name), zone, weight };
}

function readTable(
  json: unknown,
  { members, copies }: { members: readonly RingMember[]; copies: number },
): Ring['primaries'] | undefined {
  if (!Array.isArray(json) || !isPartitionCount(json.length)) return undefined;
  return readEach(json, row => readRow(row, { members, copies }));
}

function readRow(
  json: unknown,
  { members, copies }: { members: readonly RingMember[]; copies: number },
): readonly NodeName[] | undefined {
  if (!Array.isArray(json) || json.length !== copies || new Set(json).size !== copies) return undefined;
  return readEach(json, index => (Number.isInteger(index) ? members[index as number]?.name : undefined));
}

/** All items as read, or undefined if one of them cannot be. */
function readEach<T>(
  items: readonly unknown[],
  read: (item: unknown) => T | undefined,
): readonly T[] | undefined {
  const all: T[] = [];
  for (const item of items) {
    const known = read(item);
    if (known === undefined) return undefined;
    all.push(known);
  }
  return all;
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null;
}

function isText(json: unknown): json is string {
  return typeof json === 'string' && json.isWellFormed();
}
