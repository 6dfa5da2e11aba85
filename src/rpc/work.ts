/** What a gate has to know of a call, and why it may not be begun. */
import type { Kind } from '../core/overload/kinds.ts';

export interface Work {
  readonly kind: Kind;
  /** Of the value or record that it brings. */
  readonly bytes: number;
  /** Monotonic ms. */
  readonly arrivedAt: number;
  readonly deadline: number;
  /** Nobody waits for the answer any more. */
  readonly cancelled: boolean;
  /** Not yet: from now on whoever gives it up is to tell `Gate.giveUp`. Never throws. */
  wait(): void;
  /** It is its turn; from now on it owes `Gate.leave`. Never throws. */
  begin(): void;
  /** It will not be begun. Never throws. */
  refuse(why: Refusal): void;
}

export type Refusal = 'OVERLOADED' | 'DRAINING' | 'EXPIRED' | 'CANCELLED';
