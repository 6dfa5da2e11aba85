/**
 * This node's replica: one tick reads the row, decides, and queues what changed for commit (DESIGN §6, "one
 * tick, one batch"), so no key needs a lock. A peer's record is merged in (`apply`, merging.ts); a
 * coordinator on this node changes the row by a direct call (`update`), the only place where a dot is minted.
 *
 * Holds I4 (acknowledged means durable), I7 (the segment's sum changes with its row), I12 (a damaged row is
 * lost here: never served, never "not found"; what replaces it is marked recovering). Does not decide
 * quorums, nor who owns what.
 */
import { ShoalError } from '../base/errors.ts';
import type { NodeName } from '../base/ids.ts';
import { mergeSealed, NO_DIGEST, type SealedRecord, seal } from '../core/record/codec.ts';
import { NOTHING } from '../core/record/record.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { SegmentPlace } from '../core/ring/segments.ts';
import { type Birth, decodeRow, type Glimpse, glimpseRow, type Row } from '../core/rows/row.ts';
import type { Call } from '../ports/call.ts';
import type { Listed } from '../ports/comparisons.ts';
import {
  type ApplyReply,
  type ApplyRequest,
  type HandOffReply,
  type Located,
  type ReadReply,
  type ReadRequest,
  type Replica,
  ReplicaFailed,
  type ScanReply,
  type ScanRequest,
} from '../ports/replica.ts';
import { StoreFailed } from '../ports/store.ts';
import type { LocalUpdates, Updated, UpdateRequest } from '../ports/updates.ts';
import type { Hints } from './hints.ts';
import { dataKey } from './layout.ts';
import { Merging } from './merging.ts';
import type { Minter } from './minter.ts';
import { scanPage } from './pages.ts';
import { Recounts } from './recount.ts';
import { RowWrites } from './row-writes.ts';
import { Rows, type RowsParts } from './rows.ts';
import { listSegments } from './segment-rows.ts';
import { WriteTimes } from './write-times.ts';

export interface ReplicaParts extends RowsParts {
  readonly minter: Minter;
  readonly hints: Hints;
}

export class LocalReplica implements Replica, LocalUpdates {
  readonly #parts: ReplicaParts;
  readonly #rows: Rows;
  readonly #writes: RowWrites;
  readonly #times: WriteTimes;
  readonly #merging: Merging;
  readonly #recounts: Recounts;

  constructor(parts: ReplicaParts) {
    this.#parts = parts;
    this.#rows = new Rows(parts);
    this.#writes = new RowWrites({ ...parts, rows: this.#rows });
    this.#times = new WriteTimes(parts.clock);
    this.#merging = new Merging({ ...parts, rows: this.#rows, writes: this.#writes, times: this.#times });
    this.#recounts = new Recounts(parts);
  }

  read(request: ReadRequest, call: Call): ReadReply | Promise<ReadReply> {
    const warming = this.warm(request.place);
    if (warming !== undefined) return this.#rows.inTime(warming, call).then(() => this.#read(request));
    try {
      return this.#read(request);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #read({ place, digestOnly }: ReadRequest): ReadReply | Promise<ReadReply> {
    const key = dataKey(place);
    const row = digestOnly ? undefined : this.#rows.findToServe(place, key, decodeRow);
    const glimpse = digestOnly ? this.#rows.findToServe(place, key, glimpseRow) : row && glimpseOf(row);
    if (glimpse?.recovering) this.#parts.onDamage(place);
    // Judged in the tick of the row: 1. a row is read; 2. the last page of a refill lands, the mark goes; 3.
    // that row would count.
    const recovering = this.#rows.isRecovering(place, glimpse);
    const reply = { digest: glimpse?.digest ?? NO_DIGEST, record: row?.sealed, recovering };
    const durable = this.#parts.committer.whenDurable(key);
    return durable === undefined ? reply : durable.then(() => reply, refuseRead);
  }

  apply(request: ApplyRequest, call: Call): Promise<ApplyReply> {
    return this.#merging.apply(request, call);
  }

  /** Applies a page of records of one partition. */
  applyAll(records: readonly Located[]): Promise<void> {
    return this.#merging.applyAll(records);
  }

  handOff(records: readonly Located[], call: Call): Promise<HandOffReply> {
    return this.#merging.handOff(records, call);
  }

  warm(place: KeyPlace): Promise<void> | undefined {
    return this.#rows.warm(place);
  }

  async scan(request: ScanRequest): Promise<ScanReply> {
    return await scanPage(request, {
      store: this.#parts.store,
      onDamage: place => this.damaged(place),
    });
  }

  /** The committed rows of a segment, in the order of their names; damaged ones are left out, and told of. */
  async list(segments: readonly SegmentPlace[]): Promise<readonly (readonly Listed[])[]> {
    return await listSegments(segments, {
      store: this.#parts.store,
      onDamage: place => this.damaged(place),
    });
  }

  /** Somebody found a row that cannot be read. */
  damaged(place: KeyPlace): void {
    this.#rows.damaged(place);
  }

  /**
   * What lies under the first of these keys, to be handed off: of as many as have so many bytes together, one
   * at least. Rejects with ReplicaFailed when the store cannot be read.
   */
  async records(
    places: readonly KeyPlace[],
    bytesMax: number,
  ): Promise<readonly (Located | 'damaged' | undefined)[]> {
    await this.#rows.warmAll(places);
    const found: (Located | 'damaged' | undefined)[] = [];
    let bytes = 0;
    for (const place of places) {
      const { row, damaged } = this.#rows.findOrRefuse(place, dataKey(place), decodeRow);
      bytes += row?.sealed.bytes.byteLength ?? 0;
      if (found.length > 0 && bytes > bytesMax) break;
      found.push(damaged ? 'damaged' : row && { place, record: row.sealed });
    }
    return found;
  }

  get faulted(): boolean {
    return this.#parts.committer.faulted !== undefined;
  }

  update({ place, change, missing }: UpdateRequest): Updated {
    const { committer, minter } = this.#parts;
    if (committer.faulted)
      throw new ShoalError('STORAGE_FAULTED', 'the disk of this node failed; restart it');
    let before = NOTHING;
    let birth: Birth | undefined;
    const stored = this.#writes.store({
      place,
      missing,
      record: row => {
        before = row?.sealed.record ?? NOTHING;
        const after = change(before, sight => {
          minter.heardOfOurs(sight.vector);
          const minted = minter.mint(row?.birth);
          birth = minted.birth;
          return { dot: minted.dot, writtenAt: this.#times.next(before, sight) };
        });
        return after === before && row !== undefined ? row.sealed : seal(after, place);
      },
      birth: () => birth,
    });
    return { before, ...stored };
  }

  /**
   * Notes, durably and without a record, that `target` has not got this key: a primary that missed a write.
   * False when that was noted already, within the hour, or there are too many notes.
   */
  async hint({ target, place }: { target: NodeName; place: KeyPlace }): Promise<boolean> {
    const { committer, hints, clock } = this.#parts;
    if (committer.faulted) throw committer.faulted;
    const { operations, queued } = hints.adding({ targets: [target], place, atMs: clock.wall() });
    const committed = committer.queue(operations);
    queued();
    await committed;
    return operations.length > 0;
  }

  /**
   * Merges in what the other owners hold of a key whose row was damaged. `complete`, when all of them were
   * asked, takes the mark off. If none of them has anything, a damaged row stays as it is: refused, but not
   * forgotten (I12).
   */
  async healed({ place, records, complete }: Healed): Promise<void> {
    if (this.faulted) throw new StoreFailed('the disk of this node failed');
    for (const record of records) this.#times.follow(record);
    const { committed } = this.#writes.store({
      place,
      missing: [],
      record: row =>
        records.reduce(
          (merged, record) => mergeSealed(merged, record, place),
          row?.sealed ?? seal(NOTHING, place),
        ),
      recovering: complete ? false : undefined,
    });
    await committed;
    await this.recount(place);
  }

  /**
   * Sums up a doubtful segment from its rows; true when it is no longer in doubt. Rejects with StoreFailed,
   * or with ShoalError OVERLOADED.
   */
  recount(place: SegmentPlace): Promise<boolean> {
    return this.#recounts.recount(place);
  }
}

export interface Healed {
  readonly place: KeyPlace;
  readonly records: readonly SealedRecord[];
  readonly complete: boolean;
}

function glimpseOf({ sealed, recovering }: Row): Glimpse {
  return { digest: sealed.digest, recovering };
}

function refuseRead(cause: unknown): never {
  throw new ReplicaFailed('refused', 'the disk failed under the row that was read', { cause });
}
