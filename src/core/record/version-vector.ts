/**
 * What has been seen: for each actor, the highest counter below which all its writes to this key are known.
 *
 * A vector entry (a: 9) says "all of a's writes to this key up to 9 are in here". That is why an actor is not
 * a node but an (incarnation, birth): a node that lost the row must not go on saying so (Riak's kv679; DESIGN
 * §4). Vectors are never pruned by size, only by proof: pruning makes siblings for ever (riak_core#613, TRAPS
 * C9).
 */
import { type Actor, INCARNATION_BYTES, type Incarnation } from '../../base/ids.ts';

/** (actor, counter): the name of one write, for ever (I3). */
export interface Dot {
  readonly actor: Actor;
  /** 1 … 2^53−1 */
  readonly counter: number;
}

/** Dots as upper bounds, one an actor, sorted by actor. */
export type VersionVector = readonly Dot[];

export const NOTHING_SEEN: VersionVector = [];

/** The actor that `incarnation` is for a key whose row it holds without a break since it minted `birth`. */
export function actorOf(incarnation: Incarnation, birth: number): Actor {
  const high = Math.floor(birth / 2 ** 32);
  const low = birth % 2 ** 32;
  return (incarnation +
    String.fromCharCode(
      high >>> 24,
      (high >>> 16) & 255,
      (high >>> 8) & 255,
      high & 255,
      low >>> 24,
      (low >>> 16) & 255,
      (low >>> 8) & 255,
      low & 255,
    )) as Actor;
}

/** The incarnation half of an actor. */
export function incarnationOf(actor: Actor): Incarnation {
  return actor.slice(0, INCARNATION_BYTES) as Incarnation;
}

export function compareDots(a: Dot, b: Dot): number {
  if (a.actor !== b.actor) return a.actor < b.actor ? -1 : 1;
  return a.counter - b.counter;
}

/** Whether the write this dot names has been seen. */
export function covers(vector: VersionVector, dot: Dot): boolean {
  for (const entry of vector) {
    if (entry.actor === dot.actor) return entry.counter >= dot.counter;
  }
  return false;
}

/**
 * Whether all that `other` has seen, `vector` has seen too; `other` may also be any dots in ascending order.
 * One walk along both: a forged context holds tens of thousands of entries, and a look-up for each would hold
 * the whole node up.
 */
export function descends(vector: VersionVector, other: readonly Dot[]): boolean {
  let at = 0;
  return other.every(({ actor, counter }) => {
    while (at < vector.length && vector[at]!.actor < actor) at++;
    const entry = vector[at];
    return entry?.actor === actor && entry.counter >= counter;
  });
}

/** Both sights together: the least upper bound (I6). */
export function join(a: VersionVector, b: VersionVector): VersionVector {
  if (descends(a, b)) return a;
  if (descends(b, a)) return b;
  const joined: Dot[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const left = a[i]!;
    const right = b[j]!;
    if (left.actor === right.actor) {
      joined.push(left.counter >= right.counter ? left : right);
      i++;
      j++;
    } else if (left.actor < right.actor) {
      joined.push(left);
      i++;
    } else {
      joined.push(right);
      j++;
    }
  }
  return joined.concat(a.slice(i), b.slice(j));
}

/** The vector that has also seen `dot`. */
export function withDot(vector: VersionVector, dot: Dot): VersionVector {
  return join(vector, [dot]);
}
