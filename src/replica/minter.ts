/**
 * Gives out this node's dots, and draws a new incarnation as soon as anybody knows more of ours than we do
 * (DESIGN §4, *Incarnations*): then our memory is not what we thought, and every counter we would give out
 * may already name a write (I3).
 */
import { INCARNATION_BYTES, incarnation, printIncarnation } from '../base/ids.ts';
import { mint } from '../core/record/minting.ts';
import { type Dot, incarnationOf, type VersionVector } from '../core/record/version-vector.ts';
import type { Birth } from '../core/rows/row.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { CounterLedger } from './counter-ledger.ts';

export interface MinterParts {
  readonly counters: CounterLedger;
  readonly random: Random;
  readonly log: Log;
  /** Others hold what this node gave out before its start and no longer knows: its store was rolled back. */
  readonly onRolledBack: () => void;
}

export class Minter {
  readonly #counters: CounterLedger;
  readonly #random: Random;
  readonly #log: Log;
  readonly #onRolledBack: () => void;
  /** The incarnation is one from before this start. */
  #kept = true;

  constructor(parts: MinterParts) {
    this.#counters = parts.counters;
    this.#random = parts.random;
    this.#log = parts.log;
    this.#onRolledBack = parts.onRolledBack;
  }

  mint(birth: Birth | undefined): { readonly dot: Dot; readonly birth: Birth } {
    return mint(birth, { incarnation: this.#counters.incarnation, counter: this.#counters.next() });
  }

  /** Notes how far other incarnations have come, and what others say of ours. */
  heard(vector: VersionVector): void {
    this.heardOfOurs(vector);
    for (const dot of vector) {
      if (incarnationOf(dot.actor) !== this.#counters.incarnation) this.#counters.heard(dot);
    }
  }

  /**
   * Only what others say of our incarnation: of a sight that may yet be refused, and must leave no rows
   * behind.
   */
  heardOfOurs(vector: VersionVector): void {
    for (const dot of vector) {
      const ours = incarnationOf(dot.actor) === this.#counters.incarnation;
      if (ours && dot.counter > this.#counters.last) this.#outlived();
    }
  }

  /**
   * Of an incarnation that was drawn at this start nobody can know more than we do, so that is no proof of
   * anything.
   */
  #outlived(): void {
    if (this.#kept) this.#onRolledBack();
    this.renew('a record names dots of ours that this node does not remember');
  }

  /**
   * The store was rolled back. An incarnation from before may have given out dots that nobody else has seen
   * (I3): 1. a, cut off, acks (a,7) alone, and shows it; 2. its disk is set back to its last clean stop; 3.
   * the others know no counter above 6, so it may keep its name; 4. a mints (a,7) anew, and whoever was shown
   * the first one takes the second out unseen.
   */
  distrust(why: string): void {
    if (this.#kept) this.renew(why);
  }

  /** From here on another actor. */
  renew(why: string): void {
    this.#kept = false;
    this.#counters.renew(incarnation(this.#random.bytes(INCARNATION_BYTES)));
    this.#log.info('new incarnation', { why, incarnation: printIncarnation(this.#counters.incarnation) });
  }
}
