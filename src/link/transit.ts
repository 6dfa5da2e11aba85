/**
 * How long frames of one stream lay in buffers: what (own time − sender's time) exceeds the least seen on it (DESIGN §8). The two clocks
 * need not agree, only run at one pace. Part of I10: what has waited in a socket for its whole budget is not executed.
 */

/** Clocks drift apart by some 100 ppm: the least seen is let rise by that much, or a link of a week would find every frame late. */
const DRIFT_PER_MS = 0.0005;

export class Transit {
  #least = Number.POSITIVE_INFINITY;
  #seenAt = 0;

  /** Milliseconds that a frame has waited which is read at `now`; both in ms, each by its own clock. */
  waitedMs({ now, sentAt }: { readonly now: number; readonly sentAt: number }): number {
    const apart = now - sentAt;
    const drifted = this.#least + (now - this.#seenAt) * DRIFT_PER_MS;
    this.#least = Math.min(apart, drifted);
    this.#seenAt = now;
    return apart - this.#least;
  }
}
