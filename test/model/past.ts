/**
 * The deliberately dumb twin of a record: the full causal history, an explicit set of everything that was
 * ever done and is known here. No vectors, no dots, no cut lists, so that there is nothing in it to get
 * wrong; the real record must show exactly what this shows. Unusable in production (it grows for ever), which
 * is why version vectors exist.
 */
import type { WriteId } from '../../src/base/ids.ts';
import type { Sibling } from '../../src/core/record/record.ts';
import type { Dot } from '../../src/core/record/version-vector.ts';

/**
 * Something that a client asked for, carried out at one node. A retry that was carried out again is another
 * deed of one write.
 */
export interface Deed {
  readonly name: string;
  /** The write it carries out; none for a delete. */
  readonly of: WriteId | undefined;
  /** What it brought, if anything. */
  readonly brought: { readonly dot: Dot; readonly writtenAt: number } | undefined;
  /**
   * The writes that its client had been shown, or that it deleted: these it replaces, wherever else they were
   * carried out.
   */
  readonly covers: ReadonlySet<WriteId>;
  /**
   * The deeds that it found and was asked to overwrite, unseen: these it replaces, but not what else their
   * clients got done.
   */
  readonly replaces: ReadonlySet<Deed>;
  /** Everything that its client knew of when it asked. */
  readonly after: Past;
}

export type Past = ReadonlySet<Deed>;

export const NO_PAST: Past = new Set();

/** A deed that does nothing, to start from. */
export const NO_DEED = { of: undefined, brought: undefined, covers: new Set<WriteId>(), replaces: NO_PAST };

/**
 * The second half of an overwrite: a delete takes writes away for good; a put takes its place again and what
 * it found there out.
 */
export function secondHalf(of: {
  readonly name: string;
  readonly own: WriteId | undefined;
  readonly takenOut: readonly Sibling[];
  readonly brought: Deed['brought'];
  readonly after: Past;
}): Deed {
  const { name, own, takenOut, brought, after } = of;
  const writes = new Set(takenOut.map(({ writeId }) => writeId));
  if (own === undefined) return { ...NO_DEED, name, covers: writes, after };
  const found = [...after].filter(deed => deed.of === own || writes.has(deed.of!));
  return { ...NO_DEED, name, of: own, brought, replaces: new Set(found), after };
}

export function united(...pasts: readonly Past[]): Past {
  return new Set(pasts.flatMap(past => [...past]));
}

/** Every write that is known of, standing or not. */
export function writesIn(past: Past): ReadonlySet<WriteId> {
  return new Set([...past].flatMap(({ of, brought }) => (of && brought ? [of] : [])));
}

/**
 * The deeds that brought something which somebody has replaced: that very deed, or the write wherever it was
 * carried out.
 */
export function goneIn(past: Past): ReadonlySet<Deed> {
  const covered = new Set([...past].flatMap(deed => [...deed.covers]));
  const replaced = new Set([...past].flatMap(deed => [...deed.replaces]));
  return new Set(
    [...past].filter(deed => deed.of && deed.brought && (covered.has(deed.of) || replaced.has(deed))),
  );
}

/**
 * The writes that a reply must show: nobody has replaced them, nor any of the deeds they were carried out by.
 * And those it may show as well: of the deeds of one write, some were overwritten unseen and others not, and
 * either view of that is right.
 */
export function standing(past: Past): {
  readonly must: ReadonlySet<WriteId>;
  readonly may: ReadonlySet<WriteId>;
} {
  const gone = goneIn(past);
  const touched = new Set([...gone].map(deed => deed.of));
  const left = [...past].filter(deed => deed.of && deed.brought && !gone.has(deed));
  const may = new Set(left.map(deed => deed.of!));
  return { must: new Set([...may].filter(write => !touched.has(write))), may };
}

/**
 * The writes that are gone though nobody deleted them, and what replaced them is gone in the same way, in a
 * ring: everybody overwrote the other, and nothing is left.
 */
export function goneInRings(past: Past, shown: ReadonlySet<WriteId>): ReadonlySet<WriteId> {
  const open = new Set([...writesIn(past)].filter(write => !shown.has(write)));
  for (let before = -1; before !== open.size; ) {
    before = open.size;
    for (const deed of past) {
      if (deed.of !== undefined && open.has(deed.of)) continue;
      for (const write of [...deed.covers, ...[...deed.replaces].map(gone => gone.of!)]) open.delete(write);
    }
  }
  return open;
}
