/**
 * A coordinator's direct call on the replica of its own node: the only place where a dot is minted. One tick
 * reads the row, changes it and queues it for commit (DESIGN §6); nothing else of a put or get treats the
 * local replica differently from a peer's.
 */
import type { NodeName } from '../base/ids.ts';
import type { SealedRecord } from '../core/record/codec.ts';
import type { Record, Seen } from '../core/record/record.ts';
import type { Dot } from '../core/record/version-vector.ts';
import type { KeyPlace } from '../core/ring/placement.ts';

export interface LocalUpdates {
  /**
   * Brings the row into memory if to read it may hold the event loop up; undefined when it need not be waited
   * for. Never rejects.
   */
  warm(place: KeyPlace): Promise<void> | undefined;
  /** @throws ShoalError STORAGE_FAULTED, OVERLOADED, and whatever the change throws: nothing was changed */
  update(request: UpdateRequest): Updated;
  /** The disk has failed: nothing can be written here any more. */
  readonly faulted: boolean;
}

export interface UpdateRequest {
  readonly place: KeyPlace;
  /** The record as it shall be; the very one given when there is nothing to change. */
  readonly change: (record: Record, mint: Mint) => Record;
  /** Primaries known to miss this write: noted as hints in the same batch. */
  readonly missing: readonly NodeName[];
}

/**
 * Gives out the next dot and its time; a change that turns out to be none does not call it.
 * @param sight what the dot will stand beside and must not be covered by: a context may name dots of ours
 * that we do not remember, and then the dot is another actor's (DESIGN §4, *Incarnations*)
 */
export type Mint = (sight: Seen) => { readonly dot: Dot; readonly writtenAt: number };

export interface Updated {
  readonly before: Record;
  readonly sealed: SealedRecord;
  /** Resolves when the row as updated is durable; rejects when the disk failed. */
  readonly committed: Promise<void>;
  /** As in `ReadReply`, of the row that was found. */
  readonly recovering: boolean;
}
