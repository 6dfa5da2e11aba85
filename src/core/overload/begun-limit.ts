/**
 * How much may be begun at once. Work that is begun waits where nobody can tell its age any more: in the loop
 * of this process, in those of its peers, behind a disk. So there is enough of it to keep all of them busy,
 * and the rest waits at the door. How much is enough depends on the disk: one that needs 50 ms to sync takes
 * four times what one of 10 ms does. It grows while work waits and this process is idle enough to be in time;
 * it shrinks while its event loop is late, for then more of it only makes everybody later.
 */
export interface BegunBounds {
  readonly first: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Of clients at one node. 1024 is what a link to a peer takes (DESIGN §13), and a request of a client needs
 * one place on it or two. At the least what fills a frame to each of a handful of peers: below, work is no
 * longer gathered, and each costs several times as much.
 */
export const CLIENTS_BEGUN: BegunBounds = { first: 128, min: 64, max: 512 };

/**
 * Turns of the loop take so long, or wait so long for the machine, that more of them would only make
 * everybody later …
 */
const LATE_MS = 10;
/** … or so short that it has time to spare: it is the disk that is waited for, or other nodes. */
const IN_TIME_MS = 2;
const GROWTH = 9 / 8;
const SHRINKAGE = 7 / 8;

export interface Seen {
  /** How late the event loop is in the mean. */
  readonly lateMs: number;
  /** Work stands in the queue. */
  readonly stands: boolean;
}

export function nextLimit(limit: number, { lateMs, stands }: Seen, { min, max }: BegunBounds): number {
  if (lateMs > LATE_MS) return Math.max(min, Math.floor(limit * SHRINKAGE));
  return stands && lateMs < IN_TIME_MS ? Math.min(max, Math.ceil(limit * GROWTH)) : limit;
}
