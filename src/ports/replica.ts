/**
 * One node's share of the data, as coordinators see it: the same for this node (loopback, objects handed
 * over) and for a peer (messages). Contract suite: test/contract/replica.contract.ts.
 */
import type { ShoalError } from '../base/errors.ts';
import type { NodeName, Partition } from '../base/ids.ts';
import type { SealedRecord } from '../core/record/codec.ts';
import type { VersionVector } from '../core/record/version-vector.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Call } from './call.ts';

/** Every method rejects with {@link ReplicaFailed} and with nothing else. */
export interface Replica {
  /** Answers from a row only once that row is durable: at once if it is, and lies here. Never throws. */
  read(request: ReadRequest, call: Call): ReadReply | Promise<ReadReply>;
  /** Merges the record into the row. Resolves after the durable commit of what the row then holds (I4). */
  apply(request: ApplyRequest, call: Call): Promise<ApplyReply>;
  /** A page of a partition's records, committed ones only, in storage order. */
  scan(request: ScanRequest, call: Call): Promise<ScanReply>;
  /**
   * Merges each record into its row, in the stead of nobody. Resolves when all of them are durable that are
   * taken; one that cannot be does not hold up the others.
   */
  handOff(records: readonly Located[], call: Call): Promise<HandOffReply>;
}

export interface ReadRequest {
  readonly place: KeyPlace;
  /** A digest is enough; `record` is then left out of the reply. */
  readonly digestOnly: boolean;
}

export interface ReadReply {
  /** `NO_DIGEST` when there is no row. */
  readonly digest: Uint8Array;
  readonly record: SealedRecord | undefined;
  /** It may be missing something it once acknowledged: counts in no strict R (I5). */
  readonly recovering: boolean;
}

export interface ApplyRequest {
  readonly place: KeyPlace;
  readonly record: SealedRecord;
  /** The primary in whose stead a fallback stores this: it writes a hint for it in the same batch. */
  readonly standsInFor: NodeName | undefined;
}

export interface ApplyReply {
  /** Of the row as the apply left it. */
  readonly digest: Uint8Array;
  /** Of that row: what stood in it then, and what came later. Empty if it is the very record applied. */
  readonly vector: VersionVector;
  /** As in {@link ReadReply}: what the digest does not show may have been lost here. */
  readonly recovering: boolean;
}

export interface ScanRequest {
  readonly partition: Partition;
  /** The `next` of the page before; empty for the first. */
  readonly after: Uint8Array;
}

export interface ScanReply {
  readonly records: readonly Located[];
  /** Where the next page begins; empty when this was the last. */
  readonly next: Uint8Array;
}

export interface Located {
  readonly place: KeyPlace;
  readonly record: SealedRecord;
}

/** At most so much goes in one {@link Replica.handOff}; a record that is larger goes alone. */
export const HAND_OFF_RECORDS_MAX = 64;
export const HAND_OFF_BYTES_MAX = 256 * 1024;

export interface HandOffReply {
  /** For each record, in the order given: it is in its row, durably (I8). */
  readonly held: readonly boolean[];
}

/**
 * `not sent`: it did not happen. `lost`: it may have happened, the answer did not come. `refused`: the
 * replica said no, and why. `overloaded`: it did not happen, because the replica has too much to do; it is
 * not down.
 */
export type Failure = 'not sent' | 'lost' | 'refused' | 'overloaded';

/** What fails for a ShoalError: a replica knows no other words. */
export function replicaFailedBy(cause: ShoalError): ReplicaFailed {
  const failure = cause.outcome === 'unknown' ? 'lost' : 'refused';
  return new ReplicaFailed(cause.reason === 'OVERLOADED' ? 'overloaded' : failure, cause.message, { cause });
}

export class ReplicaFailed extends Error {
  override readonly name = 'ReplicaFailed';
  readonly failure: Failure;

  constructor(failure: Failure, detail: string, options?: { cause?: unknown }) {
    super(detail, options);
    this.failure = failure;
  }
}
