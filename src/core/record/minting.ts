/**
 * Which actor mints, and with which counter (DESIGN §4, *Dots*). Counters grow across all keys of an
 * incarnation, so that a key that was deleted, collected and written again is not swallowed by an old context
 * (Riak's "doomstone", TRAPS C4). The actor is as old as this store's unbroken memory of the row: if the row
 * was lost, damaged or wiped, its birth went with it, and the next mint opens a new actor that claims nothing
 * it does not hold (kv679, TRAPS C2). Holds I3.
 */
import type { Birth } from '../rows/row.ts';
import { actorOf, type Dot } from './version-vector.ts';

/** @param next the incarnation in force and the counter it gives out now, never given before */
export function mint(birth: Birth | undefined, next: Birth): { readonly dot: Dot; readonly birth: Birth } {
  const since = birth?.incarnation === next.incarnation ? birth : next;
  return { dot: { actor: actorOf(next.incarnation, since.counter), counter: next.counter }, birth: since };
}
