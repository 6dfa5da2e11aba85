/**
 * What a link sends at once: the requests of one turn, or the answers. Bodies are opaque here. How frames are
 * written down is a dialect's business: peer-dialect.ts between nodes, pipeline-dialect.ts for clients.
 */
import type { Buffer } from 'node:buffer';

export interface Ask {
  /** 1 … `Dialect.idMax`; on a stream no two under way share one. */
  readonly id: number;
  /** Which method, by a number of the dialect's; 0 in a piece that is not the first. */
  readonly method: number;
  /** How long its sender waits for the answer, from when the frame was sent; 0 when it did not say. */
  readonly budgetMs: number;
  readonly body: Uint8Array;
  /** Further pieces of the body follow under this id. */
  readonly more: boolean;
}

export interface Answer {
  readonly id: number;
  /** Of the request it answers. Not all dialects tell it. */
  readonly method?: number;
  readonly body: Uint8Array;
  /** The body is a shoal.v1.Failure. */
  readonly failed: boolean;
  readonly more: boolean;
}

export interface Requests {
  /** The sender's monotonic clock, ms; undefined in a dialect that does not tell it. */
  readonly sentAt: number | undefined;
  readonly asks: readonly Ask[];
  /** Ids of requests for whose answers nobody waits any more. */
  readonly cancels: readonly number[];
}

export interface Responses {
  readonly sentAt: number | undefined;
  readonly answers: readonly Answer[];
  /**
   * Who answers is about to end: it is to be asked nothing more on this stream, and to be left when all is
   * answered.
   */
  readonly draining?: boolean;
}

/** Decoding gives undefined for what is not exactly a frame: never an exception (STYLE, codecs). */
export interface Dialect {
  encodeRequests(frame: Requests): Buffer;
  decodeRequests(bytes: Uint8Array): Requests | undefined;
  encodeResponses(frame: Responses): Buffer;
  decodeResponses(bytes: Uint8Array): Responses | undefined;
  /** The largest id; a link whose ids run out is opened anew. */
  readonly idMax: number;
  /**
   * Bodies above this are sent in pieces of it, between which others go; Infinity when the dialect knows no
   * pieces.
   */
  readonly pieceBytesMax: number;
  /**
   * The largest bodies that the other side takes; what is larger fails alone, before it is sent. It would end
   * the stream, and with it all that is under way.
   */
  readonly requestBytesMax: number;
  readonly answerBytesMax: number;
}
