/**
 * Whether owners of a key may differ in the end though nobody holds a note of it. Pure.
 *
 * No note by design: 1. X, an owner, is frozen; 2. K, another owner, coordinates a write, two acknowledge, it
 * is answered; 3. K waits for X, to note it if that is in vain, and is killed. Handoff knows nothing of it.
 * For that it takes blows to these two, and one that ended K: not any two nodes, and who loses what it has
 * acknowledged by itself is not excused.
 *
 * Or: 1. K commits a write, and is killed before it has sent it to anybody; 2. its client tries again through
 * another owner, and that try is acknowledged; 3. K is back, alone with the first one, its twin, which
 * whoever overwrote the second has never seen. For that it takes a blow that ended K while the client waited.
 */
import type { Operation } from './history.ts';
import type { Disturbance, Found } from './judge.ts';

/** So long after its answer a coordinator still waits for the rest, and notes then whom it has missed. */
const SETTLED_MS = 5_000;
/** How long after a node is back others may still be trying again what they asked it. */
export const AFTERMATH_MS = 5_000;

/** @param writes of that key */
export function mayLackNote(
  found: Found,
  evidence: { readonly writes: readonly Operation[]; readonly disturbances: readonly Disturbance[] },
): boolean {
  const writes = writesIn(found, evidence.writes);
  const owners = found.owners.map(({ node }) => node);
  const blows = evidence.disturbances.filter(({ node }) => owners.includes(node));
  return lacking(found).every(node => writes.some(write => mayHaveMissed(node, write, blows)));
}

/** The owners that a read of all of them had to mend. */
function lacking({ owners, mended }: Found): readonly string[] {
  return owners.filter((view, i) => !isLike(view, mended[i]!)).map(({ node }) => node);
}

function isLike(a: Found['owners'][number], b: Found['owners'][number]): boolean {
  return a.context === b.context && a.values.toSorted().join() === b.values.toSorted().join();
}

/** Those that not all owners have heard of, as far as their values tell. */
function writesIn({ values, owners }: Found, writes: readonly Operation[]): readonly Operation[] {
  const all = new Set([...values, ...owners.flatMap(view => view.values)]);
  const some = [...all].filter(value => owners.some(view => !view.values.includes(value)));
  const concerns = ({ value, covers }: Operation): boolean =>
    some.some(each => each === value || covers === 'all' || covers.includes(each));
  return some.length === 0 ? writes : writes.filter(concerns);
}

/** @param blows to owners of the key */
function mayHaveMissed(node: string, { began, ended }: Operation, blows: readonly Disturbance[]): boolean {
  const met = blows.filter(({ at, until }) => at <= ended + SETTLED_MS && began <= until + AFTERMATH_MS);
  const wasHit = met.some(blow => blow.node === node);
  const endings = met.filter(blow => blow.node !== node && blow.kind !== 'freeze' && blow.at >= began);
  return wasHit ? endings.length > 0 : endings.some(({ at }) => at <= ended);
}
