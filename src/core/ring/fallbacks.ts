/**
 * Who stands in for a partition's primaries, in which order (Dynamo §4.6): first nodes of zones that hold no
 * copy of it yet, then the others; among these each partition has an order of its own, in which heavier nodes
 * come earlier as often as their weight says. So the load of a node that is out spreads over all that are
 * left.
 */
import { Lots } from './lots.ts';
import type { Weighted } from './shares.ts';

export interface Candidate<Name extends string> extends Weighted {
  readonly name: Name;
}

/** For one ring; made once, asked for each partition. */
export class Fallbacks<Name extends string> {
  readonly #members: readonly Candidate<Name>[];
  readonly #lots: Lots;

  constructor(members: readonly Candidate<Name>[]) {
    this.#members = members;
    this.#lots = new Lots(
      'fallbacks',
      members.map(member => member.name),
    );
  }

  /** Every member but the primaries. */
  of(partition: number, primaries: readonly Name[]): readonly Name[] {
    const owners = this.#members.filter(({ name }) => primaries.includes(name));
    const heldZones = new Set(owners.map(({ zone }) => zone));
    return this.#members
      .map((member, index) => ({
        member,
        held: heldZones.has(member.zone),
        turn: this.#turn(index, partition),
      }))
      .filter(({ member }) => !owners.includes(member))
      .sort((a, b) => Number(a.held) - Number(b.held) || a.turn - b.turn)
      .map(({ member }) => member.name);
  }

  /**
   * Earliest first: an exponential waiting time, so that who comes first is a matter of weight alone
   * (Efraimidis and Spirakis 2006). Not for the ring's table, which must be the same to the bit on all
   * machines: a logarithm need not be.
   */
  #turn(index: number, partition: number): number {
    const fraction = (this.#lots.lot(index, partition) + 0.5) / 2 ** 32;
    return -Math.log(fraction) / this.#members[index]!.weight;
  }
}
