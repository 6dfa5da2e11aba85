/**
 * What a replica knows of one key, and the things that can happen to it: merge, view, put, delete, overwrite.
 *
 * Dotted version vectors (Preguiça, Baquero et al. 2012, "Dotted Version Vectors: Logical Clocks for
 * Optimistic Replication") with write ids beside the dots, so that one client write that was tried through
 * two nodes is one write. The rules are DESIGN §4's, word for word; test/model is their specification. Pure:
 * no clock, no randomness, and every function returns the very record it was given when nothing changes, so
 * that "did it change" is `===`. Holds I2 (nothing disappears unseen), I6 (merge is a join), I9 (what was
 * deleted stays so). Does not decide who may mint a dot (replica/minter) nor how a record is written down
 * (codec).
 */
import type { WriteId } from '../../base/ids.ts';
import {
  compareDots,
  covers,
  type Dot,
  join,
  NOTHING_SEEN,
  type VersionVector,
  withDot,
} from './version-vector.ts';

/** One value under a key, with the name of the write that brought it. */
export interface Sibling {
  readonly dot: Dot;
  /** Hybrid logical time (core/record/hybrid-clock) at the node that minted the dot. */
  readonly writtenAt: number;
  readonly writeId: WriteId;
  /** The value as stored: what is in it is the wire's business. */
  readonly value: Uint8Array;
}

/**
 * A write that is gone, remembered so that its late twin (a retry through another node) is not taken for
 * news.
 */
export interface Overwritten {
  readonly writtenAt: number;
  readonly writeId: WriteId;
  /**
   * Whether it hides a twin that turns up elsewhere: yes if whoever replaced it had been shown it, or deleted
   * it. No if a put overwrote it unseen: then a twin is concurrent, and shown. 1. X and then Q overwrite the
   * key through a, which answers neither; 2. both clients retry through b, Q first, so there it is X that
   * overwrites Q; 3. a and b meet: if each one's list hid the other's write, nothing would be left of two
   * acknowledged writes.
   */
  readonly hides: boolean;
}

export interface Record {
  readonly vector: VersionVector;
  /** Sorted by dot. None: the key is deleted, or (with an empty vector) was never written. */
  readonly siblings: readonly Sibling[];
  /** The newest {@link OVERWRITTEN_MAX}, newest first. */
  readonly overwritten: readonly Overwritten[];
}

/** What a client has seen of a key: what its reply showed, no more (DESIGN §4). */
export interface Seen {
  readonly vector: VersionVector;
  /**
   * The writes that stood in the reply, and those it remembers as overwritten. With their times, so that
   * whoever takes the next write can remember them too, *also when it never held them*. Those that stood: 1.
   * X is put through b; 2. Y reads X at b, and its answer lost X's client retries through a; 3. Y overwrites
   * X through c, which holds no X; 4. a's twin of X, whose dot no vector covers, would stand beside Y's write
   * for ever. Those overwritten: 1. X is put through a and deleted there; 2. its client retries through b; 3.
   * Y reads the deleted key at a, and writes with that through b; 4. b, which has not heard of the delete,
   * would show Y the twin of X beside its own write, and for good if a's row is lost (both found by
   * test/model).
   */
  readonly writes: readonly Overwritten[];
}

/** A client's write, named. */
export interface NewWrite {
  readonly writeId: WriteId;
  readonly value: Uint8Array;
  readonly dot: Dot;
  readonly writtenAt: number;
}

/** With 8, no retry's twin came back in 15 000 histories dense with retries; each costs 25 bytes a record. */
export const OVERWRITTEN_MAX = 8;

/** The record of a key nobody has written. It has no row. */
export const NOTHING: Record = { vector: NOTHING_SEEN, siblings: [], overwritten: [] };

/** Whether this is the record of a key nobody has written. */
export function isNothing(record: Record): boolean {
  return record.vector.length === 0 && record.siblings.length === 0;
}

/**
 * The join of two records: commutative, associative, idempotent (I6). A sibling stays if both have it, or if
 * the other has not seen its dot. Knows nothing of write ids but to unite the lists.
 */
export function merge(a: Record, b: Record): Record {
  if (a === b) return a;
  const fromA = a.siblings.filter(sibling => stands(b, sibling.dot) || !covers(b.vector, sibling.dot));
  const fromB = b.siblings.filter(sibling => !stands(a, sibling.dot) && !covers(a.vector, sibling.dot));
  const unchanged = fromB.length === 0 && fromA.length === a.siblings.length;
  return changed(a, {
    vector: join(a.vector, b.vector),
    siblings: unchanged ? a.siblings : [...fromA, ...fromB].sort((x, y) => compareDots(x.dot, y.dot)),
    overwritten: unite(a.overwritten, b.overwritten),
  });
}

/**
 * The siblings that a reply shows and an update starts from: one whose write was replaced elsewhere is
 * hidden, and of several twins of one write the smallest dot is shown.
 */
export function view(record: Record): readonly Sibling[] {
  const { siblings } = record;
  if (siblings.length === 0 || (siblings.length === 1 && record.overwritten.length === 0)) return siblings;
  const gone = new Set(record.overwritten.filter(write => write.hides).map(write => write.writeId));
  return siblings.filter(sibling => {
    if (gone.has(sibling.writeId)) return false;
    gone.add(sibling.writeId);
    return true;
  });
}

/** What a reply that shows this whole record lets its client say it has seen. */
export function seenOf(record: Record): Seen {
  return {
    vector: record.vector,
    writes: [...view(record).map(sibling => remember(sibling, true)), ...record.overwritten],
  };
}

/** Whether this write is known here, standing or overwritten: then putting it again changes nothing. */
export function knowsWrite(record: Record, writeId: WriteId): boolean {
  return (
    record.siblings.some(sibling => sibling.writeId === writeId) ||
    record.overwritten.some(write => write.writeId === writeId)
  );
}

/**
 * The record after a write by a client that had seen `seen`. A write known here already changes nothing: a
 * retry through any node is the same write.
 */
export function put(record: Record, { seen, write }: { seen: Seen; write: NewWrite }): Record {
  if (knowsWrite(record, write.writeId)) return record;
  // Never remember as overwritten what is about to be written: a client that repeats a write it has seen must
  // still see it.
  const others = seen.writes.filter(gone => gone.writeId !== write.writeId);
  return placed(drop(record, { vector: seen.vector, writes: others }), write);
}

/** The record after a write that replaces whatever is here, unseen (DESIGN §6, *overwrite*). */
export function overwrite(record: Record, write: NewWrite): Record {
  if (knowsWrite(record, write.writeId)) return record;
  const overwritten = unite(
    record.overwritten,
    record.siblings.map(sibling => remember(sibling, false)),
  );
  return placed({ vector: record.vector, siblings: [], overwritten }, write);
}

/**
 * The record after a delete by a client that had seen `seen`. Mints no dot, so it is idempotent; the vector
 * of a record without siblings is what remembers the delete (I9).
 */
export function remove(record: Record, seen: Seen): Record {
  return drop(record, seen);
}

/**
 * The second half of an overwrite (`own`; none for a delete) that found something unseen at other replicas:
 * takes that out. The caller has merged their records in. Does it under a fresh dot: 1. X overwrites through
 * a, Q through b, each meets the other's ship on its way and finds it unseen; 2. both take the other out, in
 * the same moment; 3. a and b meet: were the dots still those that the other has dropped, both writes would
 * be gone. So they stand as siblings.
 *
 * Takes nothing out where `own` no longer stands: nothing would be left to say who took it. 1. Y replaces
 * X at a; 2. X, which has met Q at b, takes Q out there; 3. Q, gone, has met Y at c and takes Y out: of
 * three acknowledged writes none is left. Then what it met has to go by somebody else
 * (coordinator/second-round).
 */
export function overwriteUnseen(record: Record, { own, unseen, freshDot }: SecondHalf): Record {
  const mine = view(record).find(sibling => sibling.writeId === own);
  if (own !== undefined && mine === undefined) return record;
  const gone = new Set(unseen.map(sibling => sibling.writeId));
  const dropped = record.siblings.filter(({ writeId }) => writeId !== own && gone.has(writeId));
  if (dropped.length === 0) return record;
  const siblings = record.siblings.filter(({ writeId }) => writeId !== own && !gone.has(writeId));
  const overwritten = unite(
    record.overwritten,
    dropped.map(sibling => remember(sibling, own === undefined)),
  );
  const cleared = { vector: record.vector, siblings, overwritten };
  return mine === undefined ? cleared : placed(cleared, { ...mine, dot: freshDot() });
}

export interface SecondHalf {
  readonly own: WriteId | undefined;
  /** Siblings that other replicas held when they acked the first half. */
  readonly unseen: readonly Sibling[];
  /** Called once, if at all. */
  readonly freshDot: () => Dot;
}

/**
 * Takes out what `seen` covers (by dot or by write id) and what is hidden, remembers their ids, and joins the
 * sight. What only the vector covers was not shown to this client but overwritten by somebody before, so it
 * hides no more than it did there.
 */
function drop(record: Record, seen: Seen): Record {
  const shown = new Set(seen.writes.filter(write => write.hides).map(write => write.writeId));
  const kept = view(record).filter(({ dot, writeId }) => !covers(seen.vector, dot) && !shown.has(writeId));
  const keptIds = new Set(kept.map(sibling => sibling.writeId));
  const dropped = record.siblings.filter(sibling => !keptIds.has(sibling.writeId));
  return changed(record, {
    vector: join(record.vector, seen.vector),
    siblings: kept.length === record.siblings.length ? record.siblings : kept,
    overwritten: unite(record.overwritten, [
      ...dropped.map(sibling => remember(sibling, shown.has(sibling.writeId))),
      ...seen.writes,
    ]),
  });
}

function placed(record: Record, write: Sibling): Record {
  const { dot, writtenAt, writeId, value } = write;
  const siblings = [...record.siblings, { dot, writtenAt, writeId, value }];
  return {
    vector: withDot(record.vector, dot),
    siblings: siblings.sort((x, y) => compareDots(x.dot, y.dot)),
    overwritten: record.overwritten,
  };
}

function remember({ writtenAt, writeId }: Sibling, hides: boolean): Overwritten {
  return { writtenAt, writeId, hides };
}

/** `after`, or `before` itself if no part of it is new. */
function changed(before: Record, after: Record): Record {
  const same =
    after.vector === before.vector &&
    after.siblings === before.siblings &&
    after.overwritten === before.overwritten;
  return same ? before : after;
}

/** Whether the sibling of that dot is there. */
export function stands(record: Record, dot: Dot): boolean {
  return record.siblings.some(sibling => compareDots(sibling.dot, dot) === 0);
}

/**
 * The newest of both lists; what hides in one of them hides. By the time of the *write*: a retry comes soon
 * after its write, whenever that is overwritten.
 */
function unite(list: readonly Overwritten[], more: readonly Overwritten[]): readonly Overwritten[] {
  return more.reduce(withOverwritten, list);
}

/** The list itself if it knows as much already. */
function withOverwritten(list: readonly Overwritten[], write: Overwritten): readonly Overwritten[] {
  let at = 0;
  while (at < list.length && newestFirst(list[at]!, write) < 0) at++;
  const next = list[at];
  if (next !== undefined && newestFirst(next, write) === 0)
    return next.hides || !write.hides ? list : list.with(at, write);
  return at === OVERWRITTEN_MAX ? list : list.toSpliced(at, 0, write).slice(0, OVERWRITTEN_MAX);
}

type NamedWrite = Pick<Overwritten, 'writtenAt' | 'writeId'>;

/** The order of the list of overwritten writes. */
export function newestFirst(a: NamedWrite, b: NamedWrite): number {
  if (a.writtenAt !== b.writtenAt) return b.writtenAt - a.writtenAt;
  if (a.writeId === b.writeId) return 0;
  return a.writeId < b.writeId ? -1 : 1;
}
