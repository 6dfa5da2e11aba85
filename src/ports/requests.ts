/**
 * What a client can ask, in core terms: the door (src/rpc) turns messages into these, the coordinator answers
 * them, and a node that is no replica hands the very same on to one that is.
 */
import type { WriteId } from '../base/ids.ts';
import type { Call } from './call.ts';

/** Rejects with ShoalError and with nothing else. */
export interface Requests {
  get(request: GetRequest, call: Call): Promise<GetReply>;
  put(request: PutRequest, call: Call): Promise<WriteReply>;
  delete(request: DeleteRequest, call: Call): Promise<WriteReply>;
}

export interface GetRequest {
  readonly bucket: string;
  readonly key: string;
  /** R; 0 for the default. */
  readonly r: number;
  readonly strict: boolean;
}

export interface PutRequest {
  readonly bucket: string;
  readonly key: string;
  /** As stored (wire/value). */
  readonly value: Uint8Array;
  /** Empty: the client has seen nothing. */
  readonly context: Uint8Array;
  /** W; 0 for the default. */
  readonly w: number;
  readonly strict: boolean;
  /** Undefined: the coordinator draws one. */
  readonly writeId: WriteId | undefined;
  readonly overwrite: boolean;
}

export interface DeleteRequest {
  readonly bucket: string;
  readonly key: string;
  /** Empty: delete whatever is there. */
  readonly context: Uint8Array;
  readonly w: number;
  readonly strict: boolean;
}

export interface GetReply {
  readonly siblings: readonly ShownSibling[];
  readonly context: Uint8Array;
  readonly replicas: Replicas;
}

export interface WriteReply {
  readonly context: Uint8Array;
  readonly replicas: Replicas;
  /** Every other live sibling. */
  readonly siblings: readonly ShownSibling[];
}

export interface ShownSibling {
  readonly value: Uint8Array;
  readonly writtenAtMs: number;
}

/** How many replicas stood behind an answer. */
export interface Replicas {
  readonly required: number;
  readonly answered: number;
  readonly fallback: number;
  readonly unrepaired: number;
}
