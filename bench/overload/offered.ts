/** What a client process is told to offer, and what came of it: plain data, sent between processes. */

export interface Offered {
  readonly addresses: readonly string[];
  /** Frames of many operations on streams, or a call for each. */
  readonly carriage: 'pipeline' | 'unary';
  readonly streamsEach: number;
  /**
   * So many under way all the time, the next when one ends; or so many a second, whatever becomes of them.
   */
  readonly load: { readonly inFlight: number } | { readonly perSecond: number };
  readonly readShare: number;
  readonly seconds: number;
}

export interface Came {
  readonly seconds: number;
  /** Operations that were sent, and those that found the connection full and were not. */
  readonly sent: number;
  readonly heldBack: number;
  readonly accepted: number;
  /** By reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Accepted in each whole second. */
  readonly eachSecond: readonly number[];
  readonly p50Ms: number;
  readonly p99Ms: number;
}
