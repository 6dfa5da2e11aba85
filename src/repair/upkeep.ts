/**
 * All that works in the background to bring a node's data where it belongs, wired together: rows that rotted
 * (heal, scrub), partitions that may have lost something (refill), what is kept for others (handoff), what
 * owners hold differently (anti-entropy). They share the lanes to other nodes, and the courtesy towards
 * clients. Decides only when each begins and ends.
 */
import type { NodeName, Partition } from '../base/ids.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Ring } from '../core/ring/ring.ts';
import type { OwnDigests } from '../ports/comparisons.ts';
import type { Refilling, Repairing } from '../ports/overview.ts';
import type { Located } from '../ports/replica.ts';
import type { Scrubbing } from '../ports/scrubbing.ts';
import { AntiEntropy } from './anti-entropy.ts';
import { Courtesy } from './courtesy.ts';
import { Handoff } from './handoff.ts';
import type { HandoffParts } from './handoff-parts.ts';
import { Heal, type HealParts } from './heal.ts';
import { Lanes } from './lanes.ts';
import { type Marks, Refill } from './refill.ts';
import { Scrubber } from './scrubber.ts';

export interface UpkeepParts extends Omit<HandoffParts, 'lanes'>, Pick<HealParts, 'healed'> {
  readonly own: OwnDigests;
  readonly recovering: Marks & { has(partition: Partition): boolean };
  readonly scrub: Scrubbing;
  /** Merges these records into this node's rows; resolves when they are durable. */
  readonly applyAll: (records: readonly Located[]) => Promise<void>;
  /** False in tests of what works without anti-entropy, and without the scrub that finds work for it. */
  readonly compares: boolean;
}

export class Upkeep {
  /** To be told of clients' requests. */
  readonly courtesy: Courtesy;
  readonly #compares: boolean;
  readonly #heal: Heal;
  readonly #refill: Refill;
  readonly #handoff: Handoff;
  readonly #antiEntropy: AntiEntropy;
  readonly #scrubber: Scrubber;

  constructor(given: UpkeepParts) {
    this.courtesy = new Courtesy(given.clock);
    this.#compares = given.compares;
    const parts = { ...given, lanes: new Lanes({ ...given, courtesy: this.courtesy }) };
    this.#heal = new Heal(parts);
    this.#refill = new Refill({ ...parts, faulted: () => parts.holdings.faulted });
    this.#handoff = new Handoff(parts);
    this.#antiEntropy = new AntiEntropy({ ...parts, isRecovering: index => parts.recovering.has(index) });
    this.#scrubber = new Scrubber(parts);
  }

  /** From now on; the ring is known. */
  start(ring: Ring): void {
    this.#handoff.start();
    if (this.#compares) {
      this.#antiEntropy.start();
      this.#scrubber.start();
    }
    this.recover(ring);
  }

  stop(): void {
    this.#refill.stop();
    this.#handoff.stop();
    this.#antiEntropy.stop();
    this.#scrubber.stop();
  }

  /** Merges what is marked as recovering with its other owners. */
  recover(ring: Ring): void {
    void this.#refill.run(ring);
  }

  /** Fetches a key whose row is damaged from its other owners. */
  heal(place: KeyPlace): void {
    this.#heal.take(place);
  }

  /** That node is back. */
  wake(node: NodeName): void {
    this.#handoff.wake(node);
  }

  /** What differs there is being gone through with another node. */
  isBusy(partition: Partition): boolean {
    return this.#antiEntropy.isBusy(partition);
  }

  /** A round of anti-entropy with every other owner. @returns the number of this request, from 1 */
  repairNow(): number {
    return this.#antiEntropy.repairNow();
  }

  get repairing(): Repairing {
    return this.#antiEntropy.repairing;
  }

  get refilling(): Refilling {
    return this.#refill.progress;
  }
}
