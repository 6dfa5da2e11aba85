/**
 * Gives out this node's dots, and draws a new incarnation as soon as anybody knows more of ours than we do (DESIGN §4,
 * *Incarnations*): then our memory is not what we thought, and every counter we would give out may already name a write (I3).
 */
import { INCARNATION_BYTES, incarnation, printIncarnation } from '../base/ids.ts';
import { mint } from '../core/record/minting.ts';
import { type Dot, incarnationOf, type VersionVector } from '../core/record/version-vector.ts';
import type { Birth } from '../core/rows/row.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { CounterLedger } from './counter-ledger.ts';

export class Minter {
  readonly #counters: CounterLedger;
  readonly #random: Random;
  readonly #log: Log;

  constructor(parts: { counters: CounterLedger; random: Random; log: Log }) {
    this.#counters = parts.counters;
    this.#random = parts.random;
    this.#log = parts.log;
  }

  mint(birth: Birth | undefined): { readonly dot: Dot; readonly birth: Birth } {
    return mint(birth, { incarnation: this.#counters.incarnation, counter: this.#counters.next() });
  }

  /** Notes how far other incarnations have come, and what others say of ours. */
  heard(vector: VersionVector): void {
    for (const dot of vector) {
      if (incarnationOf(dot.actor) !== this.#counters.incarnation) this.#counters.heard(dot);
      else if (dot.counter > this.#counters.last)
        this.renew('a record names dots of ours that this node does not remember');
    }
  }

  /** From here on another actor. */
  renew(why: string): void {
    this.#counters.renew(incarnation(this.#random.bytes(INCARNATION_BYTES)));
    this.#log.info('new incarnation', { why, incarnation: printIncarnation(this.#counters.incarnation) });
  }
}
