/**
 * Settles, at a start, which incarnation the node goes on as, once the ring and so the other members are
 * known. The data directory's own verdict (core/membership/identity) was either "draw a new one", and that is
 * done, or "keep it", and then the others' word is asked for (claim). Does not say when the node serves.
 */
import type { Incarnation, NodeName } from '../base/ids.ts';
import type { Ring } from '../core/ring/ring.ts';
import type { Clock } from '../ports/clock.ts';
import { Claim, type ClaimAnswer } from './claim.ts';

export interface SettlementParts {
  readonly self: NodeName;
  /**
   * The incarnation the data directory allows to keep, and the last counter it gave out; undefined if a new
   * one was drawn.
   */
  readonly kept: { readonly incarnation: Incarnation; readonly counter: number } | undefined;
  readonly clock: Clock;
  /** Greets everybody, which asks them. */
  readonly greetAll: () => void;
  readonly renew: (why: string) => void;
  /** Others know more of us than our own store. */
  readonly onContradicted: () => void;
}

/**
 * How long a start waits for the others' word; a new incarnation costs a vector entry, a wait costs
 * availability.
 */
const PATIENCE_MS = 1_500;

export class Settlement {
  readonly #parts: SettlementParts;
  #claim: Claim | undefined;
  #stopped = false;

  constructor(parts: SettlementParts) {
    this.#parts = parts;
  }

  /** Resolves when this node may mint. */
  async settle({ members }: Ring): Promise<void> {
    const { self, kept, clock, greetAll, renew, onContradicted } = this.#parts;
    if (kept === undefined) return;
    const others = members.map(({ name }) => name).filter(name => name !== self);
    this.#claim = new Claim({ ...kept, others, clock, patienceMs: PATIENCE_MS, onContradicted });
    greetAll();
    const word = await this.#claim.verdict;
    if (word !== 'agreed' && !this.#stopped)
      renew(`it was stopped cleanly, but the others' word on it is: ${word}`);
  }

  /** The incarnation to ask the others about. */
  get asking(): Incarnation | undefined {
    return this.#claim?.asking;
  }

  answered(answer: ClaimAnswer): void {
    this.#claim?.answered(answer);
  }

  /** What is still awaited, one sentence each. */
  get awaited(): readonly string[] {
    const owing = this.#claim?.owing ?? [];
    if (owing.length === 0) return ['an answer from each of the other members'];
    return owing.map(name => `${name} to say how far it knows the writes of ${this.#parts.self}`);
  }

  stop(): void {
    this.#stopped = true;
    this.#claim?.stop();
  }
}
