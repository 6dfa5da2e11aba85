/**
 * What a process does when its name is believed to be something else than it is (M7; DESIGN §7: the owner
 * raises its version above whatever it hears).
 *
 * Suspect or down, but this very process: it denies that at once. Another process: its own predecessors are
 * below it, by PROCESS_STEP. So before it serves, that is one which it is to follow, for the operator has
 * started it; unless somebody under this name answers there, and then it does not serve (M4). Once it serves,
 * that is a successor:
 *
 * 1. n1's machine hangs, and n1 is started anew on another; 2. w is acknowledged by n2 and the new n1; 3. the
 * old one wakes, and hears of that. Were it to go above the other, whom it may only not reach, the two would
 * outbid each other for ever. And were it to do so when n2 and the new one have died, a strict read of n1 and
 * n3 would not find w (I1).
 *
 * So it takes its name back only when it is told that the successor is down, or where nobody else can be: at
 * its own address. Before, all its partitions recover, durably. Until then the others refuse it.
 */
import { passOnBugs } from '../base/assert.ts';
import type { Entry } from '../core/membership/view.ts';
import type { Acquaintances } from './acquaintances.ts';

/** What is believed of this node's name. */
export interface Rival extends Pick<Entry, 'bootId' | 'peerAddress' | 'version'> {
  /** So says whoever tells of it. */
  readonly isDown: boolean;
}

export interface RivalsParts {
  readonly acquaintances: Acquaintances;
  readonly serves: () => boolean;
  /** Greets whoever is at this address, without waiting for it. */
  readonly visit: (address: string) => void;
  /** Another process, at this address, is taken for this node while it serves. */
  readonly onSucceeded: (address: string) => void;
  /** Resolves when all partitions of this node are recovering, durably. */
  readonly onReplaced: () => Promise<void>;
}

export class Rivals {
  readonly #parts: RivalsParts;
  /** The one that is being looked for. */
  #sought: (Rival & { readonly asSuccessor: boolean }) | undefined;
  /** The version above which this node is ready to go. */
  #readyFor: number | undefined;
  #preparing = false;

  constructor(parts: RivalsParts) {
    this.#parts = parts;
  }

  /** This is believed. */
  heardOf(rival: Rival): void {
    const { acquaintances, serves } = this.#parts;
    const { bootId, peerAddress } = acquaintances.self;
    const isHere = rival.peerAddress === peerAddress;
    if (rival.bootId === bootId || (isHere && !serves())) acquaintances.raiseAbove(rival.version);
    else if (isHere || (rival.isDown && serves())) this.#takeBack(rival);
    else this.#seek(rival);
  }

  /** Nobody under this node's name answers at that address. */
  notAt(address: string): void {
    if (this.#sought?.peerAddress !== address || this.#sought.asSuccessor) return;
    this.#parts.acquaintances.succeed(this.#sought.version);
    this.#sought = undefined;
  }

  /** This very process answers at that address. */
  isHere(address: string): void {
    if (this.#sought?.peerAddress !== address) return;
    if (this.#sought.asSuccessor) this.#takeBack(this.#sought);
    else this.notAt(address);
  }

  #seek(rival: Rival): void {
    const { serves, visit, onSucceeded } = this.#parts;
    // One that was looked for before this node served is still to be followed.
    const isKnown = this.#sought?.bootId === rival.bootId;
    const asSuccessor = serves() && (!isKnown || this.#sought!.asSuccessor);
    this.#sought = { ...rival, asSuccessor };
    if (asSuccessor) onSucceeded(rival.peerAddress);
    visit(rival.peerAddress);
  }

  /** Whoever holds the successor for down says so again when this node is ready; if that still holds. */
  #takeBack({ version }: Rival): void {
    const { acquaintances, onReplaced } = this.#parts;
    if (this.#readyFor === version) {
      this.#readyFor = undefined;
      acquaintances.succeed(version);
    } else if (!this.#preparing) {
      this.#preparing = true;
      void onReplaced()
        .then(() => {
          this.#readyFor = version;
        }, passOnBugs)
        .finally(() => {
          this.#preparing = false;
        });
    }
  }
}
