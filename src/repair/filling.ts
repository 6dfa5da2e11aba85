/**
 * Merges one partition with one other owner, for a node that may be missing something in it (repair/refill).
 *
 * What both hold is found by their digests and not sent: an owner whose partition has the very same sum holds
 * nothing more, and of one that differs in little only that is fetched (repair/descent). What is mostly
 * missing comes page by page. There is no second look here: whatever the owner held when it was asked is
 * merged. This node's own digests are believed only once they were held against its rows
 * (repair/verification).
 */
import { Buffer } from 'node:buffer';
import { EMPTY } from '../base/bytes.ts';
import type { NodeName, Partition } from '../base/ids.ts';
import { SEGMENTS } from '../core/ring/placement.ts';
import type { OwnDigests } from '../ports/comparisons.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Peers } from '../ports/peers.ts';
import { type Located, ReplicaFailed, type ScanReply, type ScanRequest } from '../ports/replica.ts';
import type { Scrubbing } from '../ports/scrubbing.ts';
import { type Between, descend } from './descent.ts';
import { Fetching } from './fetching.ts';
import type { Lane } from './lane.ts';
import type { Lanes } from './lanes.ts';
import { Verification } from './verification.ts';

export interface FillingParts {
  readonly peers: Peers;
  readonly own: OwnDigests;
  readonly scrub: Pick<Scrubbing, 'step'>;
  readonly lanes: Lanes;
  /** Merges a page of records into this node's rows; resolves when they are durable. */
  readonly applyAll: (records: readonly Located[]) => Promise<void>;
  /** Nothing is begun any more: this node stops, or its disk has failed. */
  readonly ended: () => boolean;
  /** These were merged here. */
  readonly onBrought: (records: readonly Located[]) => void;
  readonly metrics: Metrics;
}

/** Of an owner's rows: with fewer than that here, all of them come page by page. */
const MOSTLY = 1 / 2;
/** Up to half of a partition's segments are fetched by their keys. */
const FEW_SEGMENTS = SEGMENTS / 2;

export class Filling {
  readonly #parts: FillingParts;
  readonly #verification: Verification;

  constructor(parts: FillingParts) {
    this.#parts = parts;
    this.#verification = new Verification(parts.scrub);
  }

  /**
   * When this resolves, this node holds all that the owner held when it was asked, unless it has ended.
   * Rejects with ReplicaFailed when the owner cannot tell.
   */
  async merge(owner: NodeName, partition: Partition): Promise<void> {
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
    } while (after.byteLength > 0 && !this.#parts.ended());
  }

  /** No more at once than clients leave room for. */
  async #take(records: readonly Located[], lane: Lane): Promise<void> {
    for (let left = records; left.length > 0 && !this.#parts.ended(); ) {
      const { recordsMax } = await lane.ready();
      const next = left.slice(0, recordsMax);
      left = left.slice(recordsMax);
      await lane.turn(() => this.#parts.applyAll(next));
      this.#brought(next);
    }
  }

  #brought(records: readonly Located[]): void {
    this.#parts.metrics.count('recovering.records', records.length);
    this.#parts.onBrought(records);
  }

  /** A page that leads back would be asked for again for ever. */
  async #page(owner: NodeName, request: ScanRequest): Promise<ScanReply> {
    const { peers, lanes } = this.#parts;
    const page = await lanes.to(owner).turn(call => peers.replica(owner).scan(request, call));
    if (page.next.byteLength > 0 && Buffer.compare(page.next, request.after) <= 0)
      throw new ReplicaFailed('refused', `the pages of ${owner} do not lead on`);
    return page;
  }
}
