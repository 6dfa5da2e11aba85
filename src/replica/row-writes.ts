/**
 * Changes a row in one tick (DESIGN §6, "one tick, one batch"): what it becomes is decided on what it is, and
 * row, index, sum and hints are queued together (I7). Does not decide what it becomes.
 */

import { EMPTY } from '../base/bytes.ts';
import type { NodeName } from '../base/ids.ts';
import { VECTOR_ENTRIES_ALARM } from '../core/limits.ts';
import type { SealedRecord } from '../core/record/codec.ts';
import { isNothing } from '../core/record/record.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import { type Birth, decodeRow, encodeRow, type Row } from '../core/rows/row.ts';
import type { Operation } from '../ports/store.ts';
import type { Hints } from './hints.ts';
import { dataKey, indexKey } from './layout.ts';
import type { Minter } from './minter.ts';
import type { Rows, RowsParts } from './rows.ts';

export interface RowWritesParts extends Pick<RowsParts, 'committer' | 'segments' | 'clock' | 'metrics'> {
  readonly minter: Minter;
  readonly hints: Hints;
  readonly rows: Rows;
}

export interface Stored {
  readonly sealed: SealedRecord;
  readonly recovering: boolean;
  /** Resolves when the row is durable. */
  readonly committed: Promise<void>;
}

export interface StoreStep {
  readonly place: KeyPlace;
  readonly missing: readonly NodeName[];
  readonly record: (row: Row | undefined) => SealedRecord;
  readonly birth?: () => Birth | undefined;
  /** Undefined: marked if it was, or if what was there is damaged. */
  readonly recovering?: boolean | undefined;
}

export class RowWrites {
  readonly #parts: RowWritesParts;

  constructor(parts: RowWritesParts) {
    this.#parts = parts;
  }

  /**
   * Reads the row, lets `record` decide what it becomes, and queues what is new: row, index, sum and hints in
   * one batch.
   */
  store(step: StoreStep): Stored {
    const { place, missing } = step;
    const { committer, segments, hints, clock, rows } = this.#parts;
    const key = dataKey(place);
    const found = rows.find(place, key, decodeRow);
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
    if (rowChanged && before === undefined) operations.push({ key: indexKey(place), value: EMPTY });
    // A no-op is acknowledged only once the row it found is durable (I4): that row may still be queued.
    const recovering = rows.isRecovering(place, after);
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

  #durable(key: Uint8Array): Promise<void> {
    return this.#parts.committer.whenDurable(key) ?? Promise.resolve();
  }
}
