/**
 * One-line bugs in the rules, each with what it stands for: the model must object to every one, or its
 * silence proves nothing.
 */
import { knowsWrite, type Record, type Sibling, view } from '../../src/core/record/record.ts';
import { covers, descends } from '../../src/core/record/version-vector.ts';
import { PRODUCTION, type Rules } from './rules.ts';

export const MUTANTS: { readonly [story: string]: Partial<Rules> } = {
  'merge keeps what the other side has seen and dropped': {
    merge: (a, b) => ({ ...PRODUCTION.merge(a, b), siblings: bySameDot([...a.siblings, ...b.siblings]) }),
  },
  'merge takes the side that has seen more and forgets the other': {
    merge: (a, b) =>
      descends(a.vector, b.vector) ? a : descends(b.vector, a.vector) ? b : PRODUCTION.merge(a, b),
  },
  'merge keeps one list of overwritten writes and drops the other': {
    merge: (a, b) => ({ ...PRODUCTION.merge(a, b), overwritten: a.overwritten }),
  },
  'a crash keeps the incarnation': { newIncarnationAfter: new Set(['restore']) },
  'a restored copy keeps the incarnation': { newIncarnationAfter: new Set(['crash']) },
  'a lost row keeps its birth': { birthAfterLoss: birth => birth },
  'an actor is an incarnation, whatever rows it lost': {
    mint: (birth, next) => PRODUCTION.mint(birth ?? { ...next, counter: 1 }, next),
  },
  'a sibling is shipped alone': {
    shipped: (record, write) =>
      write
        ? { ...record, siblings: record.siblings.filter(({ writeId }) => writeId === write.writeId) }
        : record,
  },
  'a put ignores its context': {
    put: (record, { write }) => PRODUCTION.put(record, { seen: { vector: [], writes: [] }, write }),
  },
  'write ids are ignored': { view: record => record.siblings },
  'a context carries no write ids': { seenOf: record => ({ vector: record.vector, writes: [] }) },
  'a context carries the writes it shows, but not those it remembers as overwritten': {
    seenOf: record => ({
      vector: record.vector,
      writes: PRODUCTION.seenOf({ ...record, siblings: view(record), overwritten: [] }).writes,
    }),
  },
  'the taker of a write remembers nothing of what it overwrites': {
    put: (record, by) => {
      const after = PRODUCTION.put(record, by);
      return after === record ? record : { ...after, overwritten: record.overwritten };
    },
  },
  'a delete forgets the vector': {
    remove: (record, seen) => ({ ...PRODUCTION.remove(record, seen), vector: [], siblings: [] }),
  },
  'a delete does not take over the sight of its client': {
    remove: (record, seen) => {
      const kept = record.siblings.filter(({ dot }) => !covers(seen.vector, dot));
      return kept.length === record.siblings.length ? record : { ...record, siblings: kept };
    },
  },
  'a hidden twin is dropped together with the one that is shown': {
    put: (record, by) =>
      knowsWrite(record, by.write.writeId)
        ? record
        : PRODUCTION.put({ ...record, siblings: record.siblings.filter(isAlone) }, by),
  },
  'a reply shows one sibling, and its context covers them all': { view: record => view(record).slice(0, 1) },
  'an overwrite hides the twins of what it has not seen': {
    overwrite: (record, write) => PRODUCTION.put(record, { seen: PRODUCTION.seenOf(record), write }),
  },
  'the second half of an overwrite keeps its dot': {
    overwriteUnseen: (record, half) => {
      const mine = view(record).find(({ writeId }) => writeId === half.own);
      return PRODUCTION.overwriteUnseen(record, { ...half, freshDot: () => mine!.dot });
    },
  },
  'the second half of an overwrite does not ask whether the first still stands': {
    overwriteUnseen: (record, half) => {
      const gone = new Set(half.unseen.map(({ writeId }) => writeId));
      const siblings = record.siblings.filter(({ writeId }) => writeId === half.own || !gone.has(writeId));
      return siblings.length === record.siblings.length ? record : { ...record, siblings };
    },
  },
  'an overwrite that was itself replaced takes out what it met all the same': {
    overwriteUnseen: (record, half) => {
      const after = PRODUCTION.overwriteUnseen(record, half);
      if (after !== record) return after;
      const gone = new Set(half.unseen.map(({ writeId }) => writeId));
      const siblings = record.siblings.filter(({ writeId }) => writeId === half.own || !gone.has(writeId));
      return siblings.length === record.siblings.length ? record : { ...record, siblings };
    },
  },
  'an overwrite that was itself replaced is acknowledged though what it met stands': {
    waitsForUnseen: false,
  },
  'an ack does not wait for the commit': { acksAfterCommit: false },
  'a recovering node counts in strict reads': { recoveringCounts: true },
  'a fallback removes a record that one owner has confirmed': { confirmationsNeeded: 1 },
};

function bySameDot(siblings: readonly Sibling[]): Record['siblings'] {
  const names = new Map(
    siblings.map(sibling => [`${sibling.dot.actor}:${String(sibling.dot.counter).padStart(9)}`, sibling]),
  );
  return [...names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sibling]) => sibling);
}

function isAlone(sibling: Sibling, _: number, siblings: readonly Sibling[]): boolean {
  return siblings.filter(({ writeId }) => writeId === sibling.writeId).length === 1;
}
