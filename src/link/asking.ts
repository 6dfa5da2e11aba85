/** A request as it is given to a link, and what becomes of it. */
import type { Call } from '../ports/call.ts';

export interface Asking {
  /** By the dialect's numbers. */
  readonly method: number;
  readonly body: Uint8Array;
  /** Until when, and whether anybody still waits: its flag is looked at now and then, not at once. */
  readonly call: Call;
  /** Background work: it yields to what clients wait for, and has bounds of its own. */
  readonly bulk: boolean;
  /** Called exactly once, never from within `ask`. */
  readonly settle: (ending: Ending) => void;
}

/** `not sent`: not a byte of it left. `lost`: it may have been done, its answer did not come. */
export type Ending =
  | { readonly kind: 'reply' | 'failure'; readonly body: Uint8Array }
  | { readonly kind: 'not sent' | 'lost'; readonly because: Because; readonly why: string };

/**
 * Who ended it, by which the other side is judged. `given up`: its own asker, which says nothing of the other
 * side; `never open`: nobody there said hello; `over`: the stream, which had been open, or which this side
 * left. Do not judge by `not sent` alone: 1. a stream presses back; 2. a client cancels what waits for it,
 * which is then not sent; 3. the healthy node at its other end is taken for dead.
 */
export type Because = 'given up' | 'never open' | 'over';

/**
 * Why a request was not taken. Only `not reachable` says something of the other side; `too much`: it answers,
 * but not as fast as it is asked.
 */
export interface Refusal {
  readonly because: 'too much' | 'too large' | 'given up' | 'not reachable';
  readonly why: string;
}

/** How much of one kind may be under way on a link (I10; DESIGN §13; TRAPS O1). */
export interface Bounds {
  readonly calls: number;
  readonly bytes: number;
}

export interface LinkBounds {
  readonly prompt: Bounds;
  readonly bulk: Bounds;
}

const MIB = 1024 * 1024;
/** Bulk: enough to keep a disk busy, too little to be noticed behind. */
export const LINK_BOUNDS: LinkBounds = {
  prompt: { calls: 1024, bytes: 64 * MIB },
  bulk: { calls: 16, bytes: 16 * MIB },
};
