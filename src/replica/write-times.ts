/**
 * The times that this node's writes bear (core/record/hybrid-clock): later than all that it has heard of,
 * whatever the wall clock says.
 */
import type { SealedRecord } from '../core/record/codec.ts';
import { observe, tick } from '../core/record/hybrid-clock.ts';
import type { Record, Seen } from '../core/record/record.ts';
import type { Clock } from '../ports/clock.ts';

export class WriteTimes {
  readonly #clock: Clock;
  #time = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Of a write to that record, over what was seen of it. */
  next(before: Record, seen: Seen): number {
    this.#time = tick(this.#time, this.#clock.wall());
    return laterThan(this.#time, before, seen);
  }

  /** Its clock follows those of a record from elsewhere. */
  follow({ record }: SealedRecord): void {
    const wallMs = this.#clock.wall();
    for (const { writtenAt } of record.siblings)
      this.#time = observe(this.#time, { heard: writtenAt, wallMs });
  }
}

/**
 * The time of a write that replaces what these show: later than all of it, whatever the wall clock says,
 * because the list of overwritten writes keeps the newest. 1. The clocks are set back ten minutes; 2. a write
 * is put and deleted; 3. it would be the oldest in a full list, cut off, and its retry would stand again
 * (I9). The node's own clock does not follow: contexts can be made up.
 */
function laterThan(time: number, { siblings, overwritten }: Record, { writes }: Seen): number {
  const newest = Math.max(newestOf(siblings), newestOf(overwritten), newestOf(writes));
  return Math.max(time, Math.min(newest + 1, Number.MAX_SAFE_INTEGER));
}

function newestOf(writes: readonly { readonly writtenAt: number }[]): number {
  return writes.reduce((latest, { writtenAt }) => Math.max(latest, writtenAt), 0);
}
