/**
 * Who stands in for a partition's primaries, in which order (Dynamo §4.6): first nodes of zones that hold no copy of it yet, then the others;
 * among these each partition has an order of its own, in which heavier nodes come earlier as often as their weight
 * says. So the load of a node that is out spreads over all that are left.
 */
import { lot, lotSeed } from './ring-lots.ts';
import type { Weighted } from './ring-shares.ts';

export interface Candidate<Name extends string> extends Weighted {
  readonly name: Name;
}

/** For one ring; made once, asked for each partition. */
export class Fallbacks<Name extends string> {
  readonly #candidates: readonly (Candidate<Name> & { readonly seed: number })[];

  constructor(members: readonly Candidate<Name>[]) {
    this.#candidates = members.map(({ name, zone, weight }) => ({ name, zone, weight, seed: lotSeed(name) }));
  }

  /** Every member but the primaries. */
  of(partition: number, primaries: readonly Name[]): readonly Name[] {
    const held = new Set(
      this.#candidates.filter(({ name }) => primaries.includes(name)).map(({ zone }) => zone),
    );
    return this.#candidates
      .filter(({ name }) => !primaries.includes(name))
      .map(({ name, zone, weight, seed }) => ({
        name,
        again: held.has(zone),
        turn: turn({ seed, weight }, partition),
      }))
      .sort((a, b) => Number(a.again) - Number(b.again) || a.turn - b.turn)
      .map(({ name }) => name);
  }
}

/**
 * Earliest first. The weight-th part of an exponential waiting time: who comes first is then a matter of weight alone (Efraimidis
 * and Spirakis 2006). Not for the ring's table, which must be equal to the bit on all machines: a logarithm need not be.
 */
function turn({ seed, weight }: { seed: number; weight: number }, partition: number): number {
  return -Math.log((lot(seed, partition) + 0.5) / 2 ** 32) / weight;
}
