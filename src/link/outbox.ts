/**
 * What waits to be sent on one stream: gathered until the turn ends, then written as few frames. A frame of
 * sixteen costs little more than a frame of one, which is most of what a request costs (DESIGN §8, "why
 * streams inside"). While the stream presses back nothing is written. What goes into which frame: lanes.ts.
 * How much may be here is decided by whoever puts it in.
 */
import type { Turns } from '../ports/turns.ts';
import { Lanes, type LanesOptions, type Parcel } from './lanes.ts';

export interface OutboxOptions<P extends Parcel> extends LanesOptions<P> {
  readonly turns: Turns;
  /** It writes nothing before {@link Outbox.drained} is called for the first time. */
  readonly blocked: boolean;
  /** Writes one frame; false when the stream wants no more for now. */
  readonly write: (parcels: readonly P[]) => boolean;
}

export class Outbox<P extends Parcel> {
  readonly #options: OutboxOptions<P>;
  readonly #lanes: Lanes<P>;
  #scheduled = false;
  #blocked: boolean;
  #closed = false;

  constructor(options: OutboxOptions<P>) {
    this.#options = options;
    this.#lanes = new Lanes(options);
    this.#blocked = options.blocked;
  }

  /** What it costs to keep all that waits. */
  get bytes(): number {
    return this.#lanes.bytes;
  }

  get isEmpty(): boolean {
    return this.#lanes.isEmpty;
  }

  /** Something of it has not been sent. */
  has(id: number): boolean {
    return this.#lanes.has(id);
  }

  push(parcel: P, { bulk }: { readonly bulk: boolean }): void {
    if (this.#closed) return;
    this.#lanes.push(parcel, { bulk });
    this.schedule();
  }

  /** There will be a frame at the end of this turn, be it one without parcels. */
  schedule(): void {
    if (this.#scheduled || this.#blocked || this.#closed) return;
    this.#scheduled = true;
    this.#options.turns.atEnd(() => this.#flush());
  }

  /** Takes out what has not been sent of it. */
  remove(id: number): void {
    this.#lanes.remove(id);
  }

  /** The stream takes more again. */
  drained(): void {
    this.#blocked = false;
    this.schedule();
  }

  close(): void {
    this.#closed = true;
    this.#lanes.clear();
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#closed) return;
    do this.#blocked = !this.#options.write(this.#lanes.next());
    while (!this.#closed && !this.#blocked && !this.isEmpty);
  }
}
