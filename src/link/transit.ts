/**
 * How long frames of one stream lay in buffers: what (own time − sender's time) exceeds the least seen in the
 * last 10 to 20 s (DESIGN §8). The two clocks need not agree. Part of I10: what has waited in a socket for
 * its whole budget is not executed.
 *
 * Of late, because clocks drift apart by some 100 ppm, and one may stop: 1. the machine of a node is
 * suspended for 2 s, and its clock with it;
 * 2. its streams outlive that; 3. measured against the least ever seen, whatever it sends from then on would
 * be 2 s late, and refused.
 */

/**
 * Of two of them, this and the one before. Longer than buffers stay full between nodes, which give up on a
 * silent one in 3 s; short enough to sit out.
 */
const WINDOW_MS = 10_000;

export class Transit {
  /** Of this window and of the one before. */
  #least = Number.POSITIVE_INFINITY;
  #leastBefore = Number.POSITIVE_INFINITY;
  #until = 0;

  /** Milliseconds that a frame has waited which is read at `now`; both in ms, each by its own clock. */
  waitedMs({ now, sentAt }: { readonly now: number; readonly sentAt: number }): number {
    const apart = now - sentAt;
    if (now >= this.#until) this.#turnOver(now);
    this.#least = Math.min(this.#least, apart);
    return apart - Math.min(this.#least, this.#leastBefore);
  }

  #turnOver(now: number): void {
    this.#leastBefore = this.#least;
    this.#least = Number.POSITIVE_INFINITY;
    this.#until = now + WINDOW_MS;
  }
}
