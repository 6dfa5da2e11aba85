/** One connection to another node's peer port, as its line uses it: gRPC in production, the simulator's network in test/sim. */
import type { Call } from '../ports/call.ts';

/** What a MethodDefinition holds of its two messages. */
export interface Sendable<I, O> {
  readonly path: string;
  readonly requestSerialize: (message: I) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => O;
}

export interface Channel {
  /** Rejects with grpc-js's ServiceError, or with ReplicaFailed `not sent` when there is no time left to send it. */
  send<I, O>(method: Sendable<I, O>, message: I, call: Call): Promise<O>;
  /** Takes nothing new; closes, and says so, when what is under way has come to its end. */
  retire(onClosed: () => void): void;
  /** Cuts off what is under way. */
  close(): void;
}
