/**
 * One long-lived stream of frames to another process, both ways, in order: a gRPC stream in production, the
 * simulator's in test/sim. Contract suite: test/contract/duplex.contract.ts. What is in a frame is not its
 * business.
 */
import type { Buffer } from 'node:buffer';

export interface Duplex {
  /**
   * Sends a frame, never refusing it.
   * @returns false when it would rather be given no more before {@link DuplexEvents.drained}: nothing else
   * bounds what waits here
   */
  write(frame: Uint8Array): boolean;
  /** Of what was written, bytes that have not left; left out where nobody asks. */
  readonly waitingBytes?: number;
  /**
   * Hands over no more frames until {@link resume}; what arrives meanwhile presses back on the other side.
   */
  pause(): void;
  resume(): void;
  /** Sends what was written, then ends this side. */
  end(): void;
  /** Ends it at once in both directions, and tells the other side why as far as it still can. */
  cut(why: DuplexEnd): void;
}

/** Never called before the function that opens the stream has returned, and none after `ended`. */
export interface DuplexEvents {
  /**
   * The other process itself has answered that it is there. For the side that opened it; the other may write
   * at once.
   */
  opened(): void;
  frame(bytes: Uint8Array): void;
  drained(): void;
  /** It is over, whoever ended it. Called exactly once. */
  ended(end: DuplexEnd): void;
}

export interface DuplexEnd {
  /** A number of google.rpc.Code: 0 when it was ended in good order. */
  readonly status: number;
  readonly why: string;
  /**
   * What the other side says of it for programs (wire/status.ts); undefined when it was not the other side
   * who ended it.
   */
  readonly details?: Buffer | undefined;
}

export type OpenDuplex = (events: DuplexEvents) => Duplex;
