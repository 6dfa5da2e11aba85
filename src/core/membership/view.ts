/**
 * What a node believes of the members, as a lattice (DESIGN §7, *Membership*; SWIM, Das et al. 2002 §4.2).
 * Views of two nodes merge entry by entry, in any order and as often as one likes, to the same.
 *
 *   at one version   alive < suspect < down   whoever cannot reach a member may say the worse of it
 *   a new version    beats all of them        only its owner gives one out: it lives, or is about to end
 *   removed          beats every version      for ever, so that no ghost comes back (TRAPS R8)
 *
 * Versions are no clock (TRAPS R9): an owner raises its own above whatever it hears of its name. Two
 * processes that gave out one version under one name are told apart by their text, so that all believe the
 * same of them; which of them may serve is not judged here (membership). Pure.
 */
import { Buffer } from 'node:buffer';
import { compareText } from '../../base/bytes.ts';
import { digest } from '../../base/hash.ts';
import type { NodeName } from '../../base/ids.ts';
import type { Member } from './cluster.ts';

export type MemberState = 'alive' | 'suspect' | 'down' | 'removed';

export interface Entry extends Member {
  /** 1 … {@link VERSION_MAX}; of a member that never spoke, 0. */
  readonly version: number;
  readonly state: MemberState;
  /** While suspect: who could not reach it, at most {@link SUSPECTERS_MAX} names, sorted. */
  readonly suspectedBy: readonly NodeName[];
}

/** More do not make a suspicion surer. */
export const SUSPECTERS_MAX = 3;
/** Beyond, numbers are no longer exact; nobody counts so far by ones. */
export const VERSION_MAX = 2 ** 52;
/**
 * A version so far above the one that is known is a flipped bit, or meant ill: were it believed, its owner
 * would have to go beyond it, and soon no number would be left.
 */
export const VERSION_LEAP_MAX = 2 ** 32;

/**
 * So far above its predecessors a process begins, or goes when it takes their place: above their last words
 * too, which nobody wrote down. For a denial one is enough:
 *
 * 1. n2's machine hangs, and it is called down; 2. n2 is started anew elsewhere, and goes above that; 3. the
 * old one wakes, hears that it is down, and goes above that too; 4. had both gone one above, their text would
 * decide which of them is n2.
 */
export const PROCESS_STEP = 2 ** 10;

const RANKS: Readonly<Record<MemberState, number>> = { alive: 0, suspect: 1, down: 2, removed: 3 };

/** Commutative, associative, idempotent. Both are of one name. */
export function joinEntries(a: Entry, b: Entry): Entry {
  if (a === b) return a;
  const order = compareEntries(a, b);
  if (order !== 0) return order > 0 ? a : b;
  return a.state === 'suspect' ? { ...a, suspectedBy: suspecters(a.suspectedBy, b.suspectedBy) } : a;
}

/** Whether the two say the same, whoever suspects. */
export function agreeOn(a: Entry, b: Entry): boolean {
  return compareEntries(a, b) === 0;
}

export function sameEntry(a: Entry, b: Entry): boolean {
  return agreeOn(a, b) && a.suspectedBy.join() === b.suspectedBy.join();
}

/**
 * Whether a version may be believed of a member of which so much is known; 0, that it has never spoken. Its
 * first one is no exception: 1. n1 knows n5 by hearsay only; 2. it is told that n5 is down, at 2^52; 3. n5
 * finds that incredible, and n1 holds it for down for ever.
 */
export function isCredible(version: number, known: number): boolean {
  if (!Number.isSafeInteger(version) || version < 0 || version > VERSION_MAX) return false;
  return version <= known + VERSION_LEAP_MAX;
}

/** Whether an owner may go above this version, which it hears of its name: room is left for what follows. */
export function canBeRaisedAbove(version: number, own: number): boolean {
  return isCredible(version, own) && version <= VERSION_MAX - PROCESS_STEP;
}

/** Of a member that has just spoken for itself. */
export function aliveEntry(member: Member, version: number): Entry {
  return { ...member, version, state: 'alive', suspectedBy: [] };
}

export function suspectedBy(entry: Entry, by: NodeName): Entry {
  return { ...entry, state: 'suspect', suspectedBy: suspecters(entry.suspectedBy, [by]) };
}

export function downEntry(entry: Entry): Entry {
  return { ...entry, state: 'down', suspectedBy: [] };
}

/** The owner's answer to what is said of it: alive, above that. */
export function raisedAbove(own: Entry, heard: number): Entry {
  return aliveEntry(own, Math.max(own.version, heard) + 1);
}

/**
 * 16 hex digits: two nodes with the same digest agree on every member. Who suspects is left out: rumours
 * bring that, and it changes more often than it matters.
 */
export function viewDigest(entries: Iterable<Entry>): string {
  const texts = [...entries].sort((a, b) => compareText(a.name, b.name)).map(textOf);
  return digest(Buffer.from(texts.join('\n'))).toString('hex', 0, 8);
}

function suspecters(a: readonly NodeName[], b: readonly NodeName[]): readonly NodeName[] {
  return [...new Set([...a, ...b])].sort(compareText).slice(0, SUSPECTERS_MAX);
}

function compareEntries(a: Entry, b: Entry): number {
  const removed = Number(a.state === 'removed') - Number(b.state === 'removed');
  if (removed !== 0) return removed;
  if (a.version !== b.version) return a.version - b.version;
  return compareText(contentOf(a), contentOf(b)) || RANKS[a.state] - RANKS[b.state];
}

function textOf(entry: Entry): string {
  return `${contentOf(entry)} ${entry.version} ${entry.state}`;
}

function contentOf({ name, address, peerAddress, zone, weight, bootId }: Entry): string {
  return JSON.stringify([name, address, peerAddress, zone, weight, bootId]);
}
