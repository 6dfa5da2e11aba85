/**
 * Fills the partitions in which this node may be missing something: merges each with *every* other owner,
 * then the mark is taken off (DESIGN §6, *Recovering*; I5). One owner alone would not do: 1. w is
 * acknowledged by a and b; 2. a loses its disk; 3. a merges with c, which missed w, and counts again; 4. a
 * strict read asks a and c, and w is gone.
 *
 * What both hold is found by their digests and not sent: an owner whose partition has the very same sum holds
 * nothing more, and of one that differs in little only that is fetched (repair/descent). What is mostly
 * missing comes page by page. There is no second look here: whatever an owner held when it was asked is
 * merged. This node's own digests are believed only once they were held against its rows
 * (repair/verification). A disk that failed takes nothing more in, so nothing more is asked for: the marks
 * stay, and the next start goes on.
 */
import { Buffer } from 'node:buffer';
import { EMPTY } from '../base/bytes.ts';
import type { NodeName, Partition } from '../base/ids.ts';
import { SEGMENTS } from '../core/ring/placement.ts';
import type { Ring } from '../core/ring/ring.ts';
import { type Clock, pause } from '../ports/clock.ts';
import type { OwnDigests } from '../ports/comparisons.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Refilling } from '../ports/overview.ts';
import type { Peers } from '../ports/peers.ts';
import { type Located, ReplicaFailed, type ScanReply, type ScanRequest } from '../ports/replica.ts';
import type { Scrubbing } from '../ports/scrubbing.ts';
import { type Between, descend } from './descent.ts';
import { Fetching } from './fetching.ts';
import type { Lane } from './lane.ts';
import type { Lanes } from './lanes.ts';
import { ownership } from './owners.ts';
import { RefillProgress } from './refill-progress.ts';
import { Verification } from './verification.ts';

export interface RefillParts {
  readonly self: NodeName;
  readonly peers: Peers;
  readonly own: OwnDigests;
  readonly scrub: Pick<Scrubbing, 'step'>;
  readonly lanes: Lanes;
  readonly recovering: Marks;
  /** Merges a page of records into this node's rows; resolves when they are durable. */
  readonly applyAll: (records: readonly Located[]) => Promise<void>;
  /** The disk of this node failed. */
  readonly faulted: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The marks of the partitions that are recovering. */
export interface Marks {
  all(): readonly Partition[];
  readonly count: number;
  /** How often all were marked. */
  readonly markings: number;
  clear(partitions: readonly Partition[]): Promise<void>;
}

/** Of an owner's rows: with fewer than that here, all of them come page by page. */
const MOSTLY = 1 / 2;
/** Up to half of a partition's segments are fetched by their keys. */
const FEW_SEGMENTS = SEGMENTS / 2;
/** How soon a partition whose owners could not all be asked is tried again. */
const RETRY_MS = 1_000;

export class Refill {
  readonly #parts: RefillParts;
  /** Owners that were told of in this run. */
  readonly #awaited = new Set<NodeName>();
  readonly #verification: Verification;
  readonly #progress: RefillProgress;
  /** By partition: the owners it is merged with already. */
  readonly #merged = new Map<Partition, Set<NodeName>>();
  #markings = 0;
  #stopped = false;
  #running = false;

  constructor(parts: RefillParts) {
    this.#parts = parts;
    this.#verification = new Verification(parts.scrub);
    this.#progress = new RefillProgress(parts.clock);
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
    await this.#merge(owner, partition).catch(error => {
      this.#tellAwaited(owner, error);
      throw error;
    });
    if (this.#ended) throw new ReplicaFailed('not sent', 'this node is stopping, or its disk failed');
  }

  /** When this resolves, this node holds all that the owner held when it was asked. */
  async #merge(owner: NodeName, partition: Partition): Promise<void> {
    const { peers, lanes, own } = this.#parts;
    const lane = lanes.to(owner);
    if (!lane.open) throw new ReplicaFailed('not sent', `${owner} cannot be reached`);
    if (!(await this.#verification.of(partition, lane))) return await this.#fillFrom(owner, partition);
    const between = { own, theirs: peers.comparisons(owner), lane };
    const told = await lane.turn(call => between.theirs.sums(own.sums([partition]), call));
    if (told.differing.length === 0 && told.recovering.length === 0) return;
    const isMostlyHere = own.rows(partition) > MOSTLY * (told.differing[0]?.rows ?? 0);
    if (isMostlyHere && (await this.#fetch(partition, between))) return;
    await this.#fillFrom(owner, partition);
  }

  /** Fetches what differs. False when that is most of it, or not all of it could be told. */
  async #fetch(partition: Partition, between: Between): Promise<boolean> {
    const leaves = await descend([partition], between);
    if (leaves.length > FEW_SEGMENTS) return false;
    const fetching = new Fetching(between, {
      ...this.#parts,
      ended: () => this.#ended,
      onFetched: records => this.#brought(records),
      onUnlisted: why => {
        throw why;
      },
    });
    let whole = true;
    await fetching.list(leaves, async ({ segments }) => {
      whole &&= segments.every(({ isWhole }) => isWhole);
      await fetching.fetch(segments.flatMap(({ found }) => found));
    });
    return whole;
  }

  async #fillFrom(owner: NodeName, partition: Partition): Promise<void> {
    let after = EMPTY;
    do {
      const page = await this.#page(owner, { partition, after });
      await this.#take(page.records, this.#parts.lanes.to(owner));
      after = page.next;
    } while (after.byteLength > 0 && !this.#ended);
  }

  /** No more at once than clients leave room for. */
  async #take(records: readonly Located[], lane: Lane): Promise<void> {
    for (let left = records; left.length > 0 && !this.#ended; ) {
      const { recordsMax } = await lane.ready();
      const next = left.slice(0, recordsMax);
      left = left.slice(recordsMax);
      await lane.turn(() => this.#parts.applyAll(next));
      this.#brought(next);
    }
  }

  #brought(records: readonly Located[]): void {
    this.#parts.metrics.count('recovering.records', records.length);
    this.#progress.brought(records);
  }

  /** A page that leads back would be asked for again for ever. */
  async #page(owner: NodeName, request: ScanRequest): Promise<ScanReply> {
    const { peers, lanes } = this.#parts;
    const page = await lanes.to(owner).turn(call => peers.replica(owner).scan(request, call));
    if (page.next.byteLength > 0 && Buffer.compare(page.next, request.after) <= 0)
      throw new ReplicaFailed('refused', `the pages of ${owner} do not lead on`);
    return page;
  }

  /** Once for each owner: it is asked again every second. */
  #tellAwaited(owner: NodeName, error: unknown): void {
    if (this.#awaited.has(owner) || this.#ended) return;
    this.#awaited.add(owner);
    this.#parts.log.warn('recovering: an owner is awaited', { owner, why: String(error) });
  }
}
