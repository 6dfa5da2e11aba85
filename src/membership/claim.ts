/**
 * A cleanly stopped node would like to go on as the incarnation it was. It may if every other member of the
 * ring says that it knows no higher counter of it (DESIGN §4, *Incarnations*): a store that was rolled back
 * underneath the node agrees with its own clean mark, but not with what the others have seen (TRAPS C6).
 * Whoever does not answer in time leaves a doubt, and then a new one is drawn; a contradiction that comes
 * even later still tells that acknowledged rows are missing.
 */
import type { Incarnation, NodeName } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';

export type ClaimVerdict = 'agreed' | 'contradicted' | 'unanswered';

export interface ClaimParts {
  readonly incarnation: Incarnation;
  /** The last counter this node remembers having given out. */
  readonly counter: number;
  readonly others: readonly NodeName[];
  readonly clock: Clock;
  readonly patienceMs: number;
  /** Somebody knows more of this incarnation than we do: called at most once, also long after the verdict. */
  readonly onContradicted: () => void;
}

export class Claim {
  readonly verdict: Promise<ClaimVerdict>;
  readonly #parts: ClaimParts;
  readonly #owing: Set<NodeName>;
  readonly #patience: Timer;
  #resolve!: (verdict: ClaimVerdict) => void;
  #contradicted = false;

  constructor(parts: ClaimParts) {
    this.#parts = parts;
    this.#owing = new Set(parts.others);
    this.verdict = new Promise(resolve => {
      this.#resolve = resolve;
    });
    this.#patience = parts.clock.after(parts.patienceMs, () => this.#settle('unanswered'));
    if (this.#owing.size === 0) this.#settle('agreed');
  }

  /** The incarnation to ask about; undefined when everybody has answered. */
  get asking(): Incarnation | undefined {
    return this.#owing.size === 0 ? undefined : this.#parts.incarnation;
  }

  /** Whose word is missing. */
  get owing(): readonly NodeName[] {
    return [...this.#owing];
  }

  /**
   * @param about the incarnation that was asked about: a greeting sent before the claim asked for none, and
   * its 0 means nothing
   */
  answered({ by, about, counter }: ClaimAnswer): void {
    if (about !== this.#parts.incarnation || !this.#owing.delete(by) || this.#contradicted) return;
    if (counter > this.#parts.counter) {
      this.#contradicted = true;
      this.#parts.onContradicted();
      this.#settle('contradicted');
    } else if (this.#owing.size === 0) {
      this.#settle('agreed');
    }
  }

  /** Nobody waits for the verdict any more. */
  stop(): void {
    this.#settle('unanswered');
  }

  #settle(verdict: ClaimVerdict): void {
    this.#patience.cancel();
    this.#resolve(verdict);
  }
}

export interface ClaimAnswer {
  readonly by: NodeName;
  readonly about: Incarnation | undefined;
  /** The highest it knows. */
  readonly counter: number;
}
