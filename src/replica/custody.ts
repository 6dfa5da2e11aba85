/**
 * What this node keeps for others (DESIGN §7, *Hints*, *Foreign records*): shown to be handed off, and
 * removed once they hold it. A removal is one tick and one batch, and happens only if the row is still the
 * very one that was confirmed (I8): 1. a record is sent to its owner; 2. a client writes here once more; 3.
 * the owner's confirmation of the first arrives, and with the note, or the row, the second would be
 * forgotten.
 *
 * A row goes with its share of the segment's index and sum (I7), with all notes of its key, and with its
 * birth: what is minted here for the key later is another actor's (DESIGN §4, *Dots*). Who owns what, and who
 * has confirmed, is repair/handoff's to know.
 */
import type { NodeName, Partition } from '../base/ids.ts';
import { sameDigest } from '../core/record/codec.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import { glimpseRow } from '../core/rows/row.ts';
import type { Confirmed, Holdings, Owed, OwedPage } from '../ports/holdings.ts';
import type { Located, ScanReply, ScanRequest } from '../ports/replica.ts';
import type { Committer } from './committer.ts';
import type { Hints } from './hints.ts';
import { dataKey, indexKey } from './layout.ts';
import type { LocalReplica } from './replica.ts';
import type { SegmentLedger } from './segment-ledger.ts';

export interface CustodyParts {
  readonly committer: Committer;
  readonly segments: SegmentLedger;
  readonly hints: Hints;
  readonly replica: Pick<LocalReplica, 'records' | 'scan' | 'faulted'>;
}

export class Custody implements Holdings {
  readonly #parts: CustodyParts;

  constructor(parts: CustodyParts) {
    this.#parts = parts;
  }

  get faulted(): boolean {
    return this.#parts.replica.faulted;
  }

  /** Those that are owed something. Sorted. */
  targets(): readonly NodeName[] {
    return this.#parts.hints.targets();
  }

  /** How many notes there are for that node, and how old the oldest is. */
  owed(target: NodeName, nowMs: number): { readonly count: number; readonly oldestMs: number } {
    return this.#parts.hints.owed(nowMs).find(owed => owed.target === target) ?? NOTHING_OWED;
  }

  notes(target: NodeName, after: Uint8Array | undefined): Promise<OwedPage> {
    return this.#parts.hints.page(target, after);
  }

  /** What lies under the first of these keys; of as many as have so many bytes together, one at least. */
  records(
    places: readonly KeyPlace[],
    bytesMax: number,
  ): Promise<readonly (Located | 'damaged' | undefined)[]> {
    return this.#parts.replica.records(places, bytesMax);
  }

  partitionsWithRows(): readonly Partition[] {
    return this.#parts.segments.partitionsWithRows();
  }

  /** How many rows there are in such partitions. */
  recordsWhere(isWanted: (partition: Partition) => boolean): number {
    return this.#parts.segments.recordsWhere(isWanted);
  }

  scan(request: ScanRequest): Promise<ScanReply> {
    return this.#parts.replica.scan(request);
  }

  /**
   * The target holds it: the note goes. False when the row has changed since, or the note is gone already.
   * Resolves when that is durable; rejects with StoreFailed, or with ShoalError OVERLOADED.
   */
  async served(target: NodeName, confirmed: Confirmed): Promise<boolean> {
    if (!this.#isStill(confirmed)) return false;
    return await this.forget({ target, place: confirmed.place });
  }

  /** A note that is owed to nobody any more goes, whatever the row. Else as {@link served}. */
  async forget({ target, place }: Pick<Owed, 'target' | 'place'>): Promise<boolean> {
    const { committer, hints } = this.#parts;
    if (committer.faulted) throw committer.faulted;
    const { operations, queued } = hints.removing(place, [target]);
    const committed = committer.queue(operations);
    queued();
    await committed;
    return operations.length > 0;
  }

  /**
   * A note beside which there is no row goes. Looked for once more in the tick of the removal: 1. no row is
   * found; 2. a write stores one, and finds its miss noted already; 3. without that note nobody would know.
   */
  async forgetBare(note: Pick<Owed, 'target' | 'place'>): Promise<boolean> {
    const { committer } = this.#parts;
    if (committer.get(dataKey(note.place)) !== undefined) return false;
    return await this.forget(note);
  }

  /** Every owner holds it: row, index, sum and notes go. Else as {@link served}. */
  async drop(confirmed: Confirmed): Promise<boolean> {
    if (!this.#isStill(confirmed)) return false;
    const { committer, hints, segments } = this.#parts;
    const { place, digest } = confirmed;
    const { operations, queued } = hints.removing(place);
    const row = [dataKey(place), indexKey(place)].map(key => ({ key, value: undefined }));
    const committed = committer.queue([...row, ...operations]);
    queued();
    const { partition, segment } = place;
    segments.change({ partition, segment, before: digest, after: undefined });
    await committed;
    return true;
  }

  /** A row that cannot be read is not the one that was confirmed. */
  #isStill({ place, digest }: Confirmed): boolean {
    const { committer } = this.#parts;
    if (committer.faulted) throw committer.faulted;
    const bytes = committer.get(dataKey(place));
    const row = bytes && glimpseRow(bytes, place);
    return row !== undefined && row !== 'damaged' && sameDigest(row.digest, digest);
  }
}

const NOTHING_OWED = { count: 0, oldestMs: 0 };
