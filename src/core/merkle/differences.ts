/**
 * Which keys of a segment two nodes hold differently, and which of those differences are real. A write that
 * is under way is at one of them already and at the other in a moment: so a difference counts only when two
 * looks, some moments apart, show the very same two records (DESIGN §7, *Anti-entropy*). A key that is
 * written all the time is left alone by that; each of its writes brings the whole record anyway.
 */
import { byteText } from '../../base/bytes.ts';
import { sameDigest } from '../record/codec.ts';
import type { KeyPlace } from '../ring/placement.ts';

/** A key and the digest of its record. */
export interface Listed {
  readonly place: KeyPlace;
  readonly digest: Uint8Array;
}

/** A key of which two nodes hold different records, or one of them none; never neither. */
export interface Difference {
  readonly place: KeyPlace;
  readonly mine: Uint8Array | undefined;
  readonly theirs: Uint8Array | undefined;
}

export interface Sides {
  /** What this node has told of. */
  readonly mine: readonly Listed[];
  /** What the other has and this one has not. */
  readonly others: readonly Listed[];
  /** Indexes in `mine` of what the other has not. */
  readonly lacking: readonly number[];
}

/** By key, each once, in the order in which they were told. */
export function differences({ mine, others, lacking }: Sides): readonly Difference[] {
  const unknownThere = lacking.flatMap(index => mine[index] ?? []);
  const ours = new Map(unknownThere.map(({ place, digest }) => [keyOf(place), digest]));
  const theirs = new Set(others.map(({ place }) => keyOf(place)));
  return [
    ...others.map(({ place, digest }) => ({ place, mine: ours.get(keyOf(place)), theirs: digest })),
    ...unknownThere
      .filter(({ place }) => !theirs.has(keyOf(place)))
      .map(({ place, digest }) => ({ place, mine: digest, theirs: undefined })),
  ];
}

/** Those of the second look that the first showed just so. */
export function seenTwice(
  first: readonly Difference[],
  second: readonly Difference[],
): readonly Difference[] {
  const before = new Map(first.map(difference => [keyOf(difference.place), difference]));
  return second.filter(difference => {
    const then = before.get(keyOf(difference.place));
    return then !== undefined && same(then.mine, difference.mine) && same(then.theirs, difference.theirs);
  });
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameDigest(a, b);
}

function keyOf({ name }: KeyPlace): string {
  return byteText(name);
}
