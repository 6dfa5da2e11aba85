/**
 * What a node remembers of its cluster over a restart: its vote, the ring, where the others were last, and
 * how far their stores had come.
 */
import { StartUpError } from '../base/errors.ts';
import { bootId, clusterId, type NodeName, nodeName } from '../base/ids.ts';
import type { Cluster, Founder, FoundingSet } from '../core/membership/cluster.ts';
import { aliveEntry, type Entry, isCredible, VERSION_MAX } from '../core/membership/view.ts';
import { readRing, ringToJson } from '../core/ring/json.ts';
import type { DurableFile } from '../ports/durable-file.ts';
import type { HeardProgress } from './progress.ts';

export interface Remembered {
  readonly vote: FoundingSet | undefined;
  readonly cluster: Cluster | undefined;
  /** Sorted by name; of their states, only who was removed (TRAPS R8). */
  readonly members: readonly Entry[];
  /** Sorted by name. */
  readonly heard: readonly HeardProgress[];
}

const NOTHING_REMEMBERED: Remembered = { vote: undefined, cluster: undefined, members: [], heard: [] };

export function clusterContent({ vote, cluster, members, heard }: Remembered): unknown {
  return {
    cluster: cluster === undefined ? null : { id: cluster.id, ring: ringToJson(cluster.ring) },
    vote: vote ?? null,
    members: members.map(memberContent),
    heard,
  };
}

function memberContent({ state, suspectedBy: _, ...member }: Entry): unknown {
  return state === 'removed' ? { ...member, removed: true } : member;
}

/** Undefined when it is no such content. */
export function readClusterContent(content: unknown): Remembered | undefined {
  // Files of earlier versions tell nothing of what was heard.
  const { vote, cluster, members, heard = [] } = fields(content);
  const readMembers = readList(members, readMember);
  const readHeard = Array.isArray(heard) ? heard.flatMap(item => readProgress(item) ?? []) : [];
  const readVote = vote === null ? undefined : readList(vote, readFounder);
  const known = cluster === null ? undefined : readCluster(cluster);
  if (readMembers === undefined || (vote !== null && readVote === undefined)) return undefined;
  if (cluster !== null && known === undefined) return undefined;
  return { vote: readVote, cluster: known, members: readMembers, heard: readHeard };
}

/** What the file holds. Rejects with StartUpError when that is not what a node has written. */
export async function remember(file: DurableFile): Promise<Remembered> {
  const held = await file.read();
  if (held === undefined) return NOTHING_REMEMBERED;
  const remembered = readClusterContent(held.content);
  if (remembered !== undefined) return remembered;
  throw new StartUpError('the cluster file of the data directory is not one of Shoal', {
    advice: 'wipe the directory and start again under the same name; the node fills up from its peers',
  });
}

function readCluster(value: unknown): Cluster | undefined {
  const { id, ring } = fields(value);
  const known = readRing(ring);
  return typeof id === 'string' && /^[0-9a-f]{16}$/.test(id) && known !== undefined
    ? { id: clusterId(id), ring: known }
    : undefined;
}

function readFounder(value: unknown): Founder | undefined {
  const { nonce } = fields(value);
  const placed = readPlaced(value);
  return placed !== undefined && typeof nonce === 'string' ? { ...placed, nonce } : undefined;
}

function readMember(value: unknown): Entry | undefined {
  // Files of earlier versions tell no version: whatever is heard is newer.
  const { address, peerAddress, bootId: boot, version = 0, removed } = fields(value);
  const placed = readPlaced(value);
  if (placed === undefined || typeof address !== 'string' || typeof peerAddress !== 'string')
    return undefined;
  const member = { ...placed, address, peerAddress, bootId: bootId(typeof boot === 'string' ? boot : '') };
  const entry = aliveEntry(member, isCount(version) && isCredible(version, VERSION_MAX) ? version : 0);
  return removed === true ? { ...entry, state: 'removed' } : entry;
}

/** It is a hint, and hints that make no sense are dropped: others remember too. */
function readProgress(value: unknown): HeardProgress | undefined {
  const { name, bootId: boot, store, before, formerStores, formerBoots } = fields(value);
  const { id, lastBatch } = fields(store);
  const texts = [name, boot, id];
  if (!texts.every(text => typeof text === 'string') || !isCount(lastBatch) || !isCount(before))
    return undefined;
  return {
    name: nodeName(name as string),
    bootId: bootId(boot as string),
    store: { id: id as string, lastBatch },
    before,
    formerStores: readTexts(formerStores),
    formerBoots: readTexts(formerBoots).map(bootId),
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function readTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : [];
}

function readPlaced(value: unknown): { name: NodeName; zone: string; weight: number } | undefined {
  const { name, zone, weight } = fields(value);
  if (typeof name !== 'string' || typeof zone !== 'string' || typeof weight !== 'number') return undefined;
  return { name: nodeName(name), zone, weight };
}

function readList<T>(value: unknown, read: (item: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.map(read);
  return items.includes(undefined) ? undefined : (items as T[]);
}

function fields(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
