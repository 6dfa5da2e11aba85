/**
 * How much of their answers the clients of a door may leave unread, all together (I10). Each stream has a
 * bound of its own, but: 1. somebody opens hundreds of them; 2. asks on each for some large values, and reads
 * none; 3. no stream holds more than it may, and together they hold all the memory there is. So where it
 * comes to too much, the stream that holds most is cut, and then the next.
 */
import type { AnsweringLink } from '../link/answering-link.ts';
import type { Clock } from '../ports/clock.ts';

const UNREAD_BYTES_MAX = 128 * 1024 * 1024;
/** To look costs as much as there are streams. What comes to be unread meanwhile is bounded by the door. */
const LOOK_EVERY_MS = 50;
const RESOURCE_EXHAUSTED = 8;
const CUT = { status: RESOURCE_EXHAUSTED, why: 'too much is asked for here and not read' };

export class Unread {
  readonly #clock: Clock;
  readonly #onCut: () => void;
  #lookedAt = 0;

  constructor(clock: Clock, onCut: () => void = () => {}) {
    this.#clock = clock;
    this.#onCut = onCut;
  }

  /** Cuts as many of these streams as it takes. */
  relieve(links: ReadonlySet<AnsweringLink>): void {
    const now = this.#clock.now();
    if (now - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    let unread = 0;
    for (const link of links) unread += link.unreadBytes;
    if (unread <= UNREAD_BYTES_MAX) return;
    for (const link of [...links].sort((a, b) => b.unreadBytes - a.unreadBytes)) {
      if (unread <= UNREAD_BYTES_MAX) return;
      unread -= link.unreadBytes;
      this.#onCut();
      link.cut(CUT);
    }
  }
}
