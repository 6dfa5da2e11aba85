/**
 * The way to another node's peer port, as its line uses it: a `LastingLink` in production and in test/sim.
 */
import type { Asking, Refusal } from '../link/asking.ts';

export interface Channel {
  /** @returns why nothing is sent, and then `settle` is not called; undefined if it will be */
  ask(asking: Asking): Refusal | undefined;
  /** It owes answers and has been silent for longer than it usually takes. */
  readonly suspect: boolean;
  /** Takes nothing new; closes, and says so, when what is under way has come to its end. */
  retire(onClosed: () => void): void;
  /** Cuts off what is under way. */
  close(): void;
}
