/**
 * How far the stores of other nodes had come when they last said so. A disk that is rolled back takes its own
 * marks along: clean mark, floor and trail. What the others have heard stays (TRAPS C6): 1. a machine is set
 * back to its snapshot of yesterday; 2. its node finds everything in order; 3. the first answer to a greeting
 * says that its store once was further.
 *
 * What counts is what *earlier* processes of that node had come to, so that one which writes on cannot
 * outgrow it: 1. a rolled-back node starts, cut off from all; 2. it takes writes until its store is as far as
 * the old one was; 3. were the newest number compared, nobody would ever notice. And a store that was
 * followed by another is behind that one, whatever its number: 1. a node is wiped, and fills up; 2. its old
 * disk is put back; 3. what was acknowledged meanwhile is not on it.
 *
 * It outlives this process, in the cluster file. Without that: 1. w is acknowledged by a and b; 2. a
 * machine's disk is set back, and b and c are restarted before a is up again; 3. nobody knows that a once was
 * further, and its answers count; 4. a strict read asks a and c, and w is gone. What a node said in the last
 * seconds may be missing there (cluster-memory.ts): a rollback of no more may then pass unseen.
 */
import { compareText } from '../base/bytes.ts';
import type { BootId, NodeName } from '../base/ids.ts';
import type { StoreProgress } from '../ports/meeting.ts';

export interface HeardProgress {
  readonly name: NodeName;
  /** The process that spoke last. */
  readonly bootId: BootId;
  readonly store: StoreProgress;
  /** How far processes before that one had come with this store. */
  readonly before: number;
  /** Ids of the stores, and of the processes, that came before these, newest first. */
  readonly formerStores: readonly string[];
  readonly formerBoots: readonly BootId[];
}

export interface Said {
  readonly name: NodeName;
  readonly bootId: BootId;
  readonly store: StoreProgress;
}

export interface Noted {
  /** How far earlier processes of that node had come with this store; 0 if it is a new one. */
  readonly before: number;
  /** Whether it has changed what is to be remembered. */
  readonly isNew: boolean;
}

/** Of a store that another has followed: it is behind that one, however far it comes. */
const OUTLIVED = Number.MAX_SAFE_INTEGER;
/**
 * Disks of one node that were in use one after the other, and may be put back; processes whose last words may
 * come late.
 */
const FORMER_MAX = 8;

export class Progress {
  readonly #heard: Map<NodeName, HeardProgress>;

  constructor(remembered: readonly HeardProgress[]) {
    this.#heard = new Map(remembered.map(heard => [heard.name, heard]));
  }

  note(said: Said): Noted {
    const known = this.#heard.get(said.name);
    if (known !== undefined && isStale(said, known)) return { before: known.before, isNew: false };
    const heard = known === undefined ? first(said) : next(known, said);
    this.#heard.set(said.name, heard);
    const isNew =
      known?.bootId !== heard.bootId ||
      known.store.id !== heard.store.id ||
      known.store.lastBatch < heard.store.lastBatch;
    return { before: heard.before, isNew };
  }

  /** What is to be remembered, sorted by name. */
  all(): readonly HeardProgress[] {
    return [...this.#heard.values()].sort((a, b) => compareText(a.name, b.name));
  }
}

function first({ name, bootId, store }: Said): HeardProgress {
  return { name, bootId, store, before: 0, formerStores: [], formerBoots: [] };
}

/**
 * The late word of a process that another has followed, or of this one before it went on as another store
 * (replica/own-identity); one that has taken its name back has gone on as a store that was never heard of
 * (rival). Or not its word at all: only a store with a past can be found to be rolled back, and so change.
 */
function isStale({ bootId, store }: Said, known: HeardProgress): boolean {
  const isHeardOf = known.store.id === store.id || known.formerStores.includes(store.id);
  if (known.formerBoots.includes(bootId)) return isHeardOf;
  if (known.bootId !== bootId || known.store.id === store.id) return false;
  return known.before === 0 || isHeardOf;
}

function next(known: HeardProgress, { bootId, store }: Said): HeardProgress {
  const formerBoots = followedBy(bootId, { last: known.bootId, former: known.formerBoots });
  const isSame = known.store.id === store.id;
  const isOld = known.formerStores.includes(store.id);
  const atStart = known.bootId === bootId ? known.before : known.store.lastBatch;
  return {
    ...known,
    bootId,
    store: isSame ? { id: store.id, lastBatch: Math.max(known.store.lastBatch, store.lastBatch) } : store,
    before: isSame ? atStart : isOld ? OUTLIVED : 0,
    formerStores: followedBy(store.id, { last: known.store.id, former: known.formerStores }),
    formerBoots,
  };
}

function followedBy<Id extends string>(
  now: Id,
  { last, former }: { last: Id; former: readonly Id[] },
): readonly Id[] {
  return now === last ? former : [last, ...former.filter(id => id !== now)].slice(0, FORMER_MAX);
}
