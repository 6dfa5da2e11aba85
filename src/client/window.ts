/**
 * How many requests one client has under way to one node: so many as the node can take, found out as TCP does
 * (Jacobson 1988). It begins low and grows with each answer; when the node says that it has more to do than
 * it can, it is halved and grows slowly from there. What exceeds it waits in this process (waiting.ts), where
 * it costs the node nothing. Pure.
 *
 * Why not simply all that the link takes: 1. a program begins a thousand reads at once; 2. the nodes do the
 * first few hundred, and refuse those that would have to wait for too long; 3. most of the thousand fail,
 * though all of them could have been done within half a second.
 */

export interface Window {
  readonly size: number;
  /** Above, it grows slowly: there it was too much before. */
  readonly steady: number;
  readonly shrunkAt: number;
}

/** What a node does within some milliseconds; five answers later it is a thousand. */
export const SIZE_FIRST = 32;
/** Enough to keep a node busy over a network of some milliseconds. */
export const SIZE_MIN = 8;
/** Refusals of one burst count as one. */
const BURST_MS = 100;

export function windowUpTo(max: number): Window {
  return { size: Math.min(SIZE_FIRST, max), steady: max, shrunkAt: Number.NEGATIVE_INFINITY };
}

/**
 * An answer came: twice as much within the time of one answer, until it was once too much; from then on one
 * more.
 */
export function grown(window: Window, max: number): Window {
  if (window.size >= max) return window;
  const more = window.size < window.steady ? 1 : 1 / window.size;
  return { ...window, size: Math.min(window.size + more, max) };
}

/** The node said that it is overloaded. */
export function shrunk(window: Window, now: number): Window {
  if (now - window.shrunkAt < BURST_MS) return window;
  const size = Math.max(SIZE_MIN, window.size / 2);
  return { size, steady: size, shrunkAt: now };
}
