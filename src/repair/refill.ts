/**
 * Fills the partitions in which this node may be missing something: merges each with *every* other owner,
 * then the mark is taken off (DESIGN §6, *Recovering*; I5). One owner alone would not do: 1. w is
 * acknowledged by a and b; 2. a loses its disk; 3. a merges with c, which missed w, and counts again; 4. a
 * strict read asks a and c, and w is gone.
 *
 * How a partition is merged with one of them is repair/filling's. A disk that failed takes nothing more in,
 * so nothing more is asked for: the marks stay, and the next start goes on.
 */
import type { NodeName, Partition } from '../base/ids.ts';
import type { Ring } from '../core/ring/ring.ts';
import { type Clock, pause } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Refilling } from '../ports/overview.ts';
import { ReplicaFailed } from '../ports/replica.ts';
import { Filling, type FillingParts } from './filling.ts';
import { ownership } from './owners.ts';
import { RefillProgress } from './refill-progress.ts';

export interface RefillParts extends Omit<FillingParts, 'ended' | 'onBrought'> {
  readonly self: NodeName;
  readonly recovering: Marks;
  /** The disk of this node failed. */
  readonly faulted: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** The marks of the partitions that are recovering. */
export interface Marks {
  all(): readonly Partition[];
  readonly count: number;
  /** How often all were marked. */
  readonly markings: number;
  clear(partitions: readonly Partition[]): Promise<void>;
}

/** How soon a partition whose owners could not all be asked is tried again. */
const RETRY_MS = 1_000;

export class Refill {
  readonly #parts: RefillParts;
  /** Owners that were told of in this run. */
  readonly #awaited = new Set<NodeName>();
  readonly #progress: RefillProgress;
  readonly #filling: Filling;
  /** By partition: the owners it is merged with already. */
  readonly #merged = new Map<Partition, Set<NodeName>>();
  #markings = 0;
  #stopped = false;
  #running = false;

  constructor(parts: RefillParts) {
    this.#parts = parts;
    this.#progress = new RefillProgress(parts.clock);
    this.#filling = new Filling({
      ...parts,
      ended: () => this.#ended,
      onBrought: records => this.#progress.brought(records),
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  /**
   * Resolves when no partition is recovering any more, or the node stops. Never rejects. A second call while
   * one runs does nothing.
   */
  async run(ring: Ring): Promise<void> {
    if (this.#running || this.#parts.recovering.count === 0) return;
    this.#running = true;
    this.#awaited.clear();
    this.#progress.begin();
    const { recovering, log } = this.#parts;
    log.info('recovering: merging with the other owners', { partitions: recovering.count });
    while (!this.#ended && recovering.count > 0) {
      if (!(await this.#pass(ring)) && !this.#ended) await pause(this.#parts.clock, RETRY_MS);
    }
    this.#running = false;
    this.#progress.end();
    if (this.#parts.faulted()) this.#tellFaulted();
    else if (recovering.count === 0) log.info('recovered: every partition is merged with every other owner');
  }

  get progress(): Refilling {
    return this.#progress.told(this.#parts.recovering.count);
  }

  get #ended(): boolean {
    return this.#stopped || this.#parts.faulted();
  }

  #tellFaulted(): void {
    const advice = 'restart it on a sound disk';
    this.#parts.log.warn('recovering ends here: the disk of this node failed', { advice });
  }

  /** Tries every marked partition once; true when at least one was finished. */
  async #pass(ring: Ring): Promise<boolean> {
    let finished = 0;
    for (const partition of this.#parts.recovering.all()) {
      if (this.#ended) break;
      const isFinished = await this.#tryFill(ring, partition);
      this.#progress.tried(partition, isFinished);
      if (isFinished) finished += 1;
    }
    return finished > 0;
  }

  async #tryFill(ring: Ring, partition: Partition): Promise<boolean> {
    const { recovering } = this.#parts;
    const { markings } = recovering;
    try {
      const { owned, others } = ownership(ring, { partition, self: this.#parts.self });
      // What this node is no owner of it cannot owe to a strict read.
      let all = true;
      if (owned) for (const owner of others) all = (await this.#tryMerge(owner, partition)) && all;
      // Marked anew meanwhile: whatever that is for, the next pass merges it.
      if (all && recovering.markings === markings) await recovering.clear([partition]);
      return all;
    } catch (error) {
      if (!this.#ended) this.#tellFailed(partition, error);
      return false;
    }
  }

  /**
   * One that cannot be asked keeps the mark, and not the others from giving what they have: 1. two of three
   * are down, and the third has lost its disk; 2. one comes back; 3. were the other waited for, all would lie
   * on one disk for as long.
   */
  async #tryMerge(owner: NodeName, partition: Partition): Promise<boolean> {
    const merged = this.#mergedWith(partition);
    if (merged.has(owner)) return true;
    try {
      await this.#mergeOrTell(owner, partition);
      merged.add(owner);
      return true;
    } catch (error) {
      if (!(error instanceof ReplicaFailed)) throw error;
      return false;
    }
  }

  /** Since all were marked last: what an owner held then is here. */
  #mergedWith(partition: Partition): Set<NodeName> {
    const { markings } = this.#parts.recovering;
    if (this.#markings !== markings) this.#merged.clear();
    this.#markings = markings;
    const merged = this.#merged.get(partition) ?? new Set();
    this.#merged.set(partition, merged);
    return merged;
  }

  #tellFailed(partition: Partition, error: unknown): void {
    this.#parts.log.warn('recovering: a partition could not be merged', { partition, why: String(error) });
  }

  async #mergeOrTell(owner: NodeName, partition: Partition): Promise<void> {
    await this.#filling.merge(owner, partition).catch(error => {
      this.#tellAwaited(owner, error);
      throw error;
    });
    if (this.#ended) throw new ReplicaFailed('not sent', 'this node is stopping, or its disk failed');
  }

  /** Once for each owner: it is asked again every second. */
  #tellAwaited(owner: NodeName, error: unknown): void {
    if (this.#awaited.has(owner) || this.#ended) return;
    this.#awaited.add(owner);
    this.#parts.log.warn('recovering: an owner is awaited', { owner, why: String(error) });
  }
}
