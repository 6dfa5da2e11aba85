/**
 * Merges into this node's rows what others send: one record, a page, or a batch that is handed off. Holds I4:
 * each is acknowledged when its row is durable. What two records merge to is decided in core/record.
 */
import { ShoalError } from '../base/errors.ts';
import { mergeSealed, type SealedRecord, sameDigest } from '../core/record/codec.ts';
import { NOTHING_SEEN } from '../core/record/version-vector.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Row } from '../core/rows/row.ts';
import type { Call } from '../ports/call.ts';
import {
  type ApplyReply,
  type ApplyRequest,
  type HandOffReply,
  type Located,
  ReplicaFailed,
  replicaFailedBy,
} from '../ports/replica.ts';
import { StoreFailed } from '../ports/store.ts';
import type { Committer } from './committer.ts';
import type { RowWrites, Stored } from './row-writes.ts';
import type { Rows } from './rows.ts';
import type { WriteTimes } from './write-times.ts';

export interface MergingParts {
  readonly committer: Committer;
  readonly rows: Rows;
  readonly writes: RowWrites;
  readonly times: WriteTimes;
}

export class Merging {
  readonly #parts: MergingParts;

  constructor(parts: MergingParts) {
    this.#parts = parts;
  }

  apply(request: ApplyRequest, call: Call): Promise<ApplyReply> {
    const { rows } = this.#parts;
    const warming = rows.warm(request.place);
    return warming === undefined
      ? this.#apply(request)
      : rows.inTime(warming, call).then(() => this.#apply(request));
  }

  /**
   * Applies a page of records of one partition, reading their rows into the cache first (background work
   * never reads cold).
   */
  async applyAll(records: readonly Located[]): Promise<void> {
    await this.#parts.rows.warmAll(records.map(({ place }) => place));
    await Promise.all(
      records.map(({ place, record }) => this.#apply({ place, record, standsInFor: undefined })),
    );
  }

  /** Of a batch of which nothing can be taken the failure is that of its first record. */
  async handOff(records: readonly Located[], call: Call): Promise<HandOffReply> {
    const { rows } = this.#parts;
    await rows.inTime(rows.warmAll(records.map(({ place }) => place)), call);
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

  async #apply({ place, record, standsInFor }: ApplyRequest): Promise<ApplyReply> {
    const { committer, writes, times } = this.#parts;
    if (committer.faulted) throw new ReplicaFailed('refused', 'the disk of this node failed');
    const missing = standsInFor === undefined ? [] : [standsInFor];
    try {
      times.follow(record);
      const stored = writes.store({ place, missing, record: row => join(row, record, place) });
      await stored.committed;
      return ackOf(stored, record);
    } catch (cause) {
      if (cause instanceof StoreFailed)
        throw new ReplicaFailed('lost', 'the disk failed under this write', { cause });
      if (cause instanceof ShoalError) throw replicaFailedBy(cause);
      throw cause;
    }
  }
}

function join(row: Row | undefined, record: SealedRecord, place: KeyPlace): SealedRecord {
  return row === undefined ? record : mergeSealed(row.sealed, record, place);
}

function ackOf({ sealed, recovering }: Stored, applied: SealedRecord): ApplyReply {
  const { digest } = sealed;
  return {
    digest,
    vector: sameDigest(digest, applied.digest) ? NOTHING_SEEN : sealed.record.vector,
    recovering,
  };
}
