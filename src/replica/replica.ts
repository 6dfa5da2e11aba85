/**
 * This node's replica: one tick reads the row, decides, and queues what changed for commit (DESIGN §6, "one
 * tick, one batch"), so no key needs a lock. A peer's record is merged in (`apply`); a coordinator on this
 * node changes the row by a direct call (`update`), the only place where a dot is minted.
 *
 * Holds I4 (acknowledged means durable), I7 (the segment's sum changes with its row), I12 (a damaged row is
 * lost here: never served, never "not found"; what replaces it is marked recovering). Does not decide
 * quorums, nor who owns what.
 */
import { ShoalError } from '../base/errors.ts';
import type { NodeName } from '../base/ids.ts';
import { VECTOR_ENTRIES_ALARM } from '../core/limits.ts';
import { mergeSealed, NO_DIGEST, type SealedRecord, sameDigest, seal } from '../core/record/codec.ts';
import { observe, tick } from '../core/record/hybrid-clock.ts';
import { isNothing, NOTHING, type Record, type Seen } from '../core/record/record.ts';
import { NOTHING_SEEN } from '../core/record/version-vector.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import { type Birth, decodeRow, encodeRow, type Glimpse, glimpseRow, type Row } from '../core/rows/row.ts';
import type { Call } from '../ports/call.ts';
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';
import {
  type ApplyReply,
  type ApplyRequest,
  type HandOffReply,
  type Located,
  type ReadReply,
  type ReadRequest,
  type Replica,
  ReplicaFailed,
  replicaFailedBy,
  type ScanReply,
  type ScanRequest,
} from '../ports/replica.ts';
import { type Operation, type Store, StoreFailed } from '../ports/store.ts';
import type { LocalUpdates, Updated, UpdateRequest } from '../ports/updates.ts';
import type { Committer } from './committer.ts';
import type { Hints } from './hints.ts';
import { dataKey } from './layout.ts';
import type { Minter } from './minter.ts';
import { scanPage } from './pages.ts';
import { recount } from './recount.ts';
import type { RecoveringPartitions } from './recovering.ts';
import type { SegmentLedger } from './segment-ledger.ts';
import { Warmth } from './warmth.ts';

export interface ReplicaParts {
  readonly store: Store;
  readonly committer: Committer;
  readonly segments: SegmentLedger;
  readonly minter: Minter;
  readonly hints: Hints;
  readonly recovering: RecoveringPartitions;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** No other member has said yet whether it knows more of this store than it holds. */
  readonly isUnvouched: () => boolean;
  /** A row failed its check: somebody should fetch the key from its other owners. */
  readonly onDamage: (place: KeyPlace) => void;
}

/** What is under a key: a row, nothing, or something that can no longer be read. */
interface Found<R> {
  readonly row: R | undefined;
  readonly damaged: boolean;
}

const NOTHING_FOUND: Found<never> = { row: undefined, damaged: false };

export class LocalReplica implements Replica, LocalUpdates {
  readonly #parts: ReplicaParts;
  readonly #warmth: Warmth;
  #time = 0;

  constructor(parts: ReplicaParts) {
    this.#parts = parts;
    this.#warmth = new Warmth(parts);
  }

  read(request: ReadRequest, call: Call): ReadReply | Promise<ReadReply> {
    const warming = this.warm(request.place);
    if (warming !== undefined) return this.#inTime(warming, call).then(() => this.#read(request));
    try {
      return this.#read(request);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #read({ place, digestOnly }: ReadRequest): ReadReply | Promise<ReadReply> {
    const key = dataKey(place);
    const row = digestOnly ? undefined : this.#findToServe(place, key, decodeRow);
    const glimpse = digestOnly ? this.#findToServe(place, key, glimpseRow) : row && glimpseOf(row);
    if (glimpse?.recovering) this.#parts.onDamage(place);
    // Judged in the tick of the row: 1. a row is read; 2. the last page of a refill lands, the mark goes; 3.
    // that row would count.
    const recovering = this.#isRecovering(place, glimpse);
    const reply = { digest: glimpse?.digest ?? NO_DIGEST, record: row?.sealed, recovering };
    const durable = this.#parts.committer.whenDurable(key);
    return durable === undefined ? reply : durable.then(() => reply, refuseRead);
  }

  apply(request: ApplyRequest, call: Call): Promise<ApplyReply> {
    const warming = this.warm(request.place);
    return warming === undefined
      ? this.#apply(request)
      : this.#inTime(warming, call).then(() => this.#apply(request));
  }

  /** Slow disks are where deadlines pass: what nobody waits for any more is not begun (I10). */
  async #inTime(warming: Promise<void>, call: Call): Promise<void> {
    await warming;
    if (call.cancelled || call.deadline <= this.#parts.clock.now())
      throw new ReplicaFailed('refused', 'nobody waited any more when the row was read');
  }

  async #apply({ place, record, standsInFor }: ApplyRequest): Promise<ApplyReply> {
    if (this.#parts.committer.faulted) throw new ReplicaFailed('refused', 'the disk of this node failed');
    const missing = standsInFor === undefined ? [] : [standsInFor];
    try {
      this.#follow(record);
      const stored = this.#store({ place, missing, record: row => join(row, record, place) });
      await stored.committed;
      return ackOf(stored, record);
    } catch (cause) {
      if (cause instanceof StoreFailed)
        throw new ReplicaFailed('lost', 'the disk failed under this write', { cause });
      if (cause instanceof ShoalError) throw replicaFailedBy(cause);
      throw cause;
    }
  }

  /**
   * Applies a page of records of one partition, reading their rows into the cache first (background work
   * never reads cold).
   */
  async applyAll(records: readonly Located[]): Promise<void> {
    await this.#warmth.warmAll(records.map(({ place }) => place));
    await Promise.all(
      records.map(({ place, record }) => this.#apply({ place, record, standsInFor: undefined })),
    );
  }

  /** Of a batch of which nothing can be taken the failure is that of its first record. */
  async handOff(records: readonly Located[], call: Call): Promise<HandOffReply> {
    await this.#inTime(this.#warmth.warmAll(records.map(({ place }) => place)), call);
    const applied = await Promise.allSettled(
      records.map(({ place, record }) => this.#apply({ place, record, standsInFor: undefined })),
    );
    const reasons: readonly unknown[] = applied.flatMap(one =>
      one.status === 'rejected' ? [one.reason] : [],
    );
    const bug = reasons.find(reason => !(reason instanceof ReplicaFailed));
    const inVain = reasons.length > 0 && reasons.length === records.length;
    if (bug !== undefined || inVain) throw bug ?? reasons[0];
    return { held: applied.map(({ status }) => status === 'fulfilled') };
  }

  warm(place: KeyPlace): Promise<void> | undefined {
    return this.#warmth.warm(place);
  }

  async scan(request: ScanRequest): Promise<ScanReply> {
    return await scanPage(request, { store: this.#parts.store, onDamage: place => this.#damaged(place) });
  }

  /**
   * What lies under the first of these keys, to be handed off: of as many as have so many bytes together, one
   * at least. Rejects with ReplicaFailed when the store cannot be read.
   */
  async records(
    places: readonly KeyPlace[],
    bytesMax: number,
  ): Promise<readonly (Located | 'damaged' | undefined)[]> {
    await this.#warmth.warmAll(places);
    const found: (Located | 'damaged' | undefined)[] = [];
    let bytes = 0;
    for (const place of places) {
      const { row, damaged } = this.#findOrRefuse(place, dataKey(place), decodeRow);
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
    const { committer, minter, clock } = this.#parts;
    if (committer.faulted)
      throw new ShoalError('STORAGE_FAULTED', 'the disk of this node failed; restart it');
    let before = NOTHING;
    let birth: Birth | undefined;
    const stored = this.#store({
      place,
      missing,
      record: row => {
        before = row?.sealed.record ?? NOTHING;
        const after = change(before, sight => {
          minter.heardOfOurs(sight.vector);
          const minted = minter.mint(row?.birth);
          birth = minted.birth;
          this.#time = tick(this.#time, clock.wall());
          return { dot: minted.dot, writtenAt: laterThan(this.#time, before, sight) };
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
    for (const record of records) this.#follow(record);
    const { committed } = this.#store({
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
    await recount(place, this.#parts);
  }

  /**
   * Reads the row, lets `record` decide what it becomes, and queues what is new: row, sum and hints in one
   * batch.
   */
  #store(step: StoreStep): Stored {
    const { place, missing } = step;
    const { committer, segments, hints, clock } = this.#parts;
    const key = dataKey(place);
    const found = this.#find(place, key, decodeRow);
    const before = found.row;
    const sealed = step.record(before);
    const after: Row = {
      sealed,
      birth: step.birth?.() ?? before?.birth,
      recovering: step.recovering ?? (found.damaged || (before?.recovering ?? false)),
    };
    const noting = hints.adding({ targets: missing, place, atMs: clock.wall() });
    const operations: Operation[] = [...noting.operations];
    const rowChanged =
      before === undefined
        ? !isNothing(sealed.record)
        : before.sealed !== sealed || before.recovering !== after.recovering;
    if (rowChanged) operations.push({ key, value: encodeRow(after, place) });
    // A no-op is acknowledged only once the row it found is durable (I4): that row may still be queued.
    const recovering = this.#isRecovering(place, after);
    if (operations.length === 0) return { sealed, recovering, committed: this.#durable(key) };
    const committed = committer.queue(operations);
    noting.queued();
    if (rowChanged) {
      if (sealed.record.vector.length > VECTOR_ENTRIES_ALARM) this.#parts.metrics.count('vector.long');
      this.#parts.minter.heard(sealed.record.vector);
      const { partition, segment } = place;
      segments.change({ partition, segment, before: before?.sealed.digest, after: sealed.digest });
    }
    return { sealed, recovering, committed };
  }

  /** Whether this node may have lost something of what it once held here. */
  #isRecovering(place: KeyPlace, row: { readonly recovering: boolean } | undefined): boolean {
    const { recovering, isUnvouched } = this.#parts;
    return recovering.has(place.partition) || (row?.recovering ?? false) || isUnvouched();
  }

  #findToServe<R>(place: KeyPlace, key: Uint8Array, decode: Decode<R>): R | undefined {
    const { row, damaged } = this.#findOrRefuse(place, key, decode);
    if (damaged) throw new ReplicaFailed('refused', 'the row is damaged here');
    return row;
  }

  #findOrRefuse<R>(place: KeyPlace, key: Uint8Array, decode: Decode<R>): Found<R> {
    try {
      return this.#find(place, key, decode);
    } catch (cause) {
      throw cause instanceof ShoalError ? replicaFailedBy(cause) : cause;
    }
  }

  /** @throws ShoalError STORAGE_FAULTED when it cannot be told what is there */
  #find<R>(place: KeyPlace, key: Uint8Array, decode: Decode<R>): Found<R> {
    const { clock } = this.#parts;
    const began = clock.now();
    const bytes = this.#bytes(key);
    this.#warmth.note(place, clock.now() - began);
    if (bytes === undefined) return NOTHING_FOUND;
    const row = bytes === 'damaged' ? bytes : decode(bytes, place);
    if (row !== 'damaged') return { row, damaged: false };
    this.#damaged(place);
    return { row: undefined, damaged: true };
  }

  /**
   * LevelDB's own word that a row is corrupt is as good as a failed checksum. An I/O error is no such word:
   * 1. w1 is acknowledged;
   * 2. for a moment there is no file handle to read its table with; 3. were the row taken for damaged, a put
   * would be written over it; 4. it is read again, sound and newer than what the others have, and w1 is gone
   * everywhere.
   */
  #bytes(key: Uint8Array): Uint8Array | 'damaged' | undefined {
    try {
      return this.#parts.committer.get(key);
    } catch (cause) {
      if (!(cause instanceof StoreFailed)) throw cause;
      if (cause.corrupt) return 'damaged';
      throw new ShoalError('STORAGE_FAULTED', 'the store cannot be read', { cause });
    }
  }

  #damaged(place: KeyPlace): void {
    this.#parts.metrics.count('row.damaged');
    if (!this.#parts.segments.isDoubtful(place)) this.#parts.segments.doubt(place);
    this.#parts.onDamage(place);
  }

  #durable(key: Uint8Array): Promise<void> {
    return this.#parts.committer.whenDurable(key) ?? Promise.resolve();
  }

  /** Its clock follows those of a record from elsewhere. */
  #follow({ record }: SealedRecord): void {
    const wallMs = this.#parts.clock.wall();
    for (const { writtenAt } of record.siblings)
      this.#time = observe(this.#time, { heard: writtenAt, wallMs });
  }
}

export interface Healed {
  readonly place: KeyPlace;
  readonly records: readonly SealedRecord[];
  readonly complete: boolean;
}

interface Stored {
  readonly sealed: SealedRecord;
  readonly recovering: boolean;
  /** Resolves when the row is durable. */
  readonly committed: Promise<void>;
}

interface StoreStep {
  readonly place: KeyPlace;
  readonly missing: readonly NodeName[];
  readonly record: (row: Row | undefined) => SealedRecord;
  readonly birth?: () => Birth | undefined;
  /** Undefined: marked if it was, or if what was there is damaged. */
  readonly recovering?: boolean | undefined;
}

type Decode<R> = (bytes: Uint8Array, place: KeyPlace) => R | 'damaged';

function glimpseOf({ sealed, recovering }: Row): Glimpse {
  return { digest: sealed.digest, recovering };
}

function ackOf({ sealed, recovering }: Stored, applied: SealedRecord): ApplyReply {
  const { digest } = sealed;
  return {
    digest,
    vector: sameDigest(digest, applied.digest) ? NOTHING_SEEN : sealed.record.vector,
    recovering,
  };
}

function refuseRead(cause: unknown): never {
  throw new ReplicaFailed('refused', 'the disk failed under the row that was read', { cause });
}

function join(row: Row | undefined, record: SealedRecord, place: KeyPlace): SealedRecord {
  return row === undefined ? record : mergeSealed(row.sealed, record, place);
}

/**
 * The time of a write that replaces what these show: later than all of it, whatever the wall clock says,
 * because the list of overwritten writes keeps the newest. 1. The clocks are set back ten minutes; 2. a write
 * is put and deleted; 3. it would be the oldest in a full list, cut off, and its retry would stand again
 * (I9). The node's own clock does not follow: contexts can be made up.
 */
function laterThan(time: number, { siblings, overwritten }: Record, { writes }: Seen): number {
  const newest = Math.max(newestOf(siblings), newestOf(overwritten), newestOf(writes));
  return Math.max(time, Math.min(newest + 1, Number.MAX_SAFE_INTEGER));
}

function newestOf(writes: readonly { readonly writtenAt: number }[]): number {
  return writes.reduce((latest, { writtenAt }) => Math.max(latest, writtenAt), 0);
}
