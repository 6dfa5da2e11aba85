/**
 * What members tell each other of members (src/ports/gossip.ts), as messages; for the rules see
 * replica-messages.ts. Whether what is said is believed, membership decides.
 */
import { compareText } from '../base/bytes.ts';
import { type NodeName, nodeName } from '../base/ids.ts';
import { NODES_MAX } from '../core/limits.ts';
import { type Entry, type MemberState, SUSPECTERS_MAX, VERSION_MAX } from '../core/membership/view.ts';
import type { Entry__Output, Entry as EntryMessage } from '../gen/shoal/peer/v1/Entry.ts';
import type { Gossip__Output, Gossip as GossipMessage } from '../gen/shoal/peer/v1/Gossip.ts';
import type { Gossip } from '../ports/gossip.ts';
import { ascending, memberMessage, readMember } from './cluster-message.ts';
import { isBetween, isHex, readEach } from './foreign.ts';
import { isNodeName } from './stamp.ts';

/** By their numbers in the proto. */
const NUMBERS = { alive: 1, suspect: 2, down: 3, removed: 4 } as const satisfies Record<MemberState, number>;
const STATES = new Map(Object.entries(NUMBERS).map(([state, number]) => [number, state as MemberState]));

export function gossipMessage({ digest, entries, whole, store }: Gossip): GossipMessage {
  return { digest, entries: entries.map(entryMessage), whole, storeId: store.id, lastBatch: store.lastBatch };
}

/** Undefined when it is missing or any part of it is bad. */
export function readGossip(message: Gossip__Output | null): Gossip | undefined {
  if (!message || !isHex(message.digest, 16) || !isHex(message.storeId, 32)) return undefined;
  if (!isBetween(message.lastBatch, { min: 0, max: Number.MAX_SAFE_INTEGER })) return undefined;
  const entries = readEach(message.entries, { max: NODES_MAX, read: readEntry });
  if (!entries || !ascending(entries)) return undefined;
  const { digest, whole, storeId: id, lastBatch } = message;
  return { digest, entries, whole, store: { id, lastBatch } };
}

/** Undefined when it is no node's name. */
export function readTarget(text: string): NodeName | undefined {
  return isNodeName(text) ? nodeName(text) : undefined;
}

function entryMessage(entry: Entry): EntryMessage {
  const { version, state, suspectedBy } = entry;
  return { member: memberMessage(entry), version, state: NUMBERS[state], suspectedBy: [...suspectedBy] };
}

function readEntry(message: Entry__Output): Entry | undefined {
  const member = message.member ? readMember(message.member) : undefined;
  const state = STATES.get(Number(message.state) as 1);
  if (member === undefined || state === undefined) return undefined;
  if (!isBetween(message.version, { min: 1, max: VERSION_MAX })) return undefined;
  const suspectedBy = readEach(message.suspectedBy, { max: SUSPECTERS_MAX, read: readTarget });
  if (suspectedBy === undefined || !isSorted(suspectedBy)) return undefined;
  if (suspectedBy.length > 0 && state !== 'suspect') return undefined;
  return { ...member, version: message.version, state, suspectedBy };
}

function isSorted(names: readonly NodeName[]): boolean {
  return names.every((name, i) => i === 0 || compareText(names[i - 1]!, name) < 0);
}
