/**
 * What a process does when its name is believed to be something else than it is: suspect, down, or another
 * process (M7; DESIGN §7: the owner raises its version above whatever it hears). Where this node listens it
 * is itself, and whatever is believed is out of date. Elsewhere another process may bear its name, which is
 * asked first:
 *
 * 1. n2's machine hangs, and n2 is started anew on another; 2. the old one wakes, and hears of that; 3. were
 * it to go above it at once, the two would outbid each other for ever.
 *
 * If somebody under this name does answer there, one of the two must stop, which membership sees to (M4).
 */
import type { Acquaintances } from './acquaintances.ts';

/** What is believed of this node's name. */
export interface Rival {
  readonly peerAddress: string;
  readonly version: number;
}

export interface RivalsParts {
  readonly acquaintances: Acquaintances;
  /** Greets whoever is at this address, without waiting for it. */
  readonly visit: (address: string) => void;
}

export class Rivals {
  readonly #parts: RivalsParts;
  /** The one that is being looked for. */
  #sought: Rival | undefined;

  constructor(parts: RivalsParts) {
    this.#parts = parts;
  }

  /** This is believed. */
  heardOf(rival: Rival): void {
    const { acquaintances, visit } = this.#parts;
    if (rival.peerAddress === acquaintances.self.peerAddress) {
      acquaintances.raiseAbove(rival.version);
    } else {
      this.#sought = rival;
      visit(rival.peerAddress);
    }
  }

  /** Nobody under this node's name answers at that address. */
  notAt(address: string): void {
    if (this.#sought?.peerAddress !== address) return;
    this.#parts.acquaintances.succeed(this.#sought.version);
    this.#sought = undefined;
  }
}
