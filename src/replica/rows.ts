/**
 * What lies under a key on this node: a row, nothing, or something that can no longer be read, which is then
 * lost here (I12): told of, its segment's sum in doubt, and never taken for nothing. Where reading is slow,
 * rows are read into the cache first (replica/warmth). Writes nothing.
 */
import { ShoalError } from '../base/errors.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Call } from '../ports/call.ts';
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';
import { ReplicaFailed, replicaFailedBy } from '../ports/replica.ts';
import { type Store, StoreFailed } from '../ports/store.ts';
import type { Committer } from './committer.ts';
import type { RecoveringPartitions } from './recovering.ts';
import type { SegmentLedger } from './segment-ledger.ts';
import { Warmth } from './warmth.ts';

export interface RowsParts {
  readonly store: Store;
  readonly committer: Committer;
  readonly segments: SegmentLedger;
  readonly recovering: RecoveringPartitions;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** No other member has said yet whether it knows more of this store than it holds. */
  readonly isUnvouched: () => boolean;
  /** A row failed its check: somebody should fetch the key from its other owners. */
  readonly onDamage: (place: KeyPlace) => void;
}

/** What is under a key: a row, nothing, or something that can no longer be read. */
export interface Found<R> {
  readonly row: R | undefined;
  readonly damaged: boolean;
}

const NOTHING_FOUND: Found<never> = { row: undefined, damaged: false };

type Decode<R> = (bytes: Uint8Array, place: KeyPlace) => R | 'damaged';

export class Rows {
  readonly #parts: RowsParts;
  readonly #warmth: Warmth;

  constructor(parts: RowsParts) {
    this.#parts = parts;
    this.#warmth = new Warmth(parts);
  }

  /** Undefined: read it now, in this tick. */
  warm(place: KeyPlace): Promise<void> | undefined {
    return this.#warmth.warm(place);
  }

  warmAll(places: readonly KeyPlace[]): Promise<void> {
    return this.#warmth.warmAll(places);
  }

  /** Slow disks are where deadlines pass: what nobody waits for any more is not begun (I10). */
  async inTime(warming: Promise<void>, call: Call): Promise<void> {
    await warming;
    if (call.cancelled || call.deadline <= this.#parts.clock.now())
      throw new ReplicaFailed('refused', 'nobody waited any more when the row was read');
  }

  /** Whether this node may have lost something of what it once held here. */
  isRecovering(place: KeyPlace, row: { readonly recovering: boolean } | undefined): boolean {
    const { recovering, isUnvouched } = this.#parts;
    return recovering.has(place.partition) || (row?.recovering ?? false) || isUnvouched();
  }

  findToServe<R>(place: KeyPlace, key: Uint8Array, decode: Decode<R>): R | undefined {
    const { row, damaged } = this.findOrRefuse(place, key, decode);
    if (damaged) throw new ReplicaFailed('refused', 'the row is damaged here');
    return row;
  }

  findOrRefuse<R>(place: KeyPlace, key: Uint8Array, decode: Decode<R>): Found<R> {
    try {
      return this.find(place, key, decode);
    } catch (cause) {
      throw cause instanceof ShoalError ? replicaFailedBy(cause) : cause;
    }
  }

  /** @throws ShoalError STORAGE_FAULTED when it cannot be told what is there */
  find<R>(place: KeyPlace, key: Uint8Array, decode: Decode<R>): Found<R> {
    const { clock } = this.#parts;
    const began = clock.now();
    const bytes = this.#bytes(key);
    this.#warmth.note(place, clock.now() - began);
    if (bytes === undefined) return NOTHING_FOUND;
    const row = bytes === 'damaged' ? bytes : decode(bytes, place);
    if (row !== 'damaged') return { row, damaged: false };
    this.damaged(place);
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

  /** Its row cannot be read: what the segment's sum counts it as is no longer known. */
  damaged(place: KeyPlace): void {
    this.#parts.metrics.count('row.damaged');
    if (!this.#parts.segments.isDoubtful(place)) this.#parts.segments.doubt(place);
    this.#parts.onDamage(place);
  }
}
