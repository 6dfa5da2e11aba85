/**
 * What waits to be sent on one stream: gathered until the turn ends, then written as few frames. A frame of sixteen costs little more than a
 * frame of one, which is most of what a request costs (DESIGN §8, "why streams inside").
 *
 * Decides order and size of frames. While the stream presses back nothing is written. Bulk waits behind what is prompt, but never for ever: each
 * frame has room for some of it. What is large goes in pieces, and others go between them. How much may be here is decided by whoever puts it in.
 */
import type { Turns } from '../ports/turns.ts';

export interface Parcel {
  readonly id: number;
  readonly body: Uint8Array;
  readonly more: boolean;
}

export interface OutboxOptions<P extends Parcel> {
  readonly turns: Turns;
  readonly pieceBytesMax: number;
  /** It writes nothing before {@link Outbox.drained} is called for the first time. */
  readonly blocked: boolean;
  /** A piece of a parcel that is not its first. */
  readonly rest: (parcel: P, body: Uint8Array) => P;
  /** Writes one frame; false when the stream wants no more for now. */
  readonly write: (parcels: readonly P[]) => boolean;
}

/** The most a frame holds, unless one parcel alone is larger (DESIGN §8): it is in memory once on each side, and nothing overtakes it. */
export const FRAME_BYTES_MAX = 512 * 1024;
/** What of each frame bulk may have while there is something prompt, too. */
const BULK_BYTES = FRAME_BYTES_MAX / 4;

export class Outbox<P extends Parcel> {
  readonly #options: OutboxOptions<P>;
  #prompt: P[] = [];
  #bulk: P[] = [];
  #bytes = 0;
  #scheduled = false;
  #blocked: boolean;
  #closed = false;

  constructor(options: OutboxOptions<P>) {
    this.#options = options;
    this.#blocked = options.blocked;
  }

  /** Of the bodies that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The stream presses back. */
  get blocked(): boolean {
    return this.#blocked;
  }

  get isEmpty(): boolean {
    return this.#prompt.length === 0 && this.#bulk.length === 0;
  }

  push(parcel: P, { bulk }: { readonly bulk: boolean }): void {
    if (this.#closed) return;
    (bulk ? this.#bulk : this.#prompt).push(parcel);
    this.#bytes += parcel.body.byteLength;
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
    this.#prompt = this.#without(this.#prompt, id);
    this.#bulk = this.#without(this.#bulk, id);
  }

  /** The stream takes more again. */
  drained(): void {
    this.#blocked = false;
    this.schedule();
  }

  close(): void {
    this.#closed = true;
    this.#prompt = [];
    this.#bulk = [];
    this.#bytes = 0;
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#closed) return;
    do this.#blocked = !this.#options.write(this.#nextFrame());
    while (!this.#closed && !this.#blocked && !this.isEmpty);
  }

  #nextFrame(): readonly P[] {
    if (this.#bytes <= FRAME_BYTES_MAX && this.#bytes <= this.#options.pieceBytesMax) return this.#takeAll();
    const frame: P[] = [];
    let room = FRAME_BYTES_MAX;
    room -= this.#take(this.#bulk, { into: frame, room: this.#prompt.length > 0 ? BULK_BYTES : room });
    this.#take(this.#prompt, { into: frame, room });
    return frame;
  }

  #takeAll(): readonly P[] {
    const all = this.#bulk.length === 0 ? this.#prompt : [...this.#prompt, ...this.#bulk];
    this.#prompt = [];
    if (this.#bulk.length > 0) this.#bulk = [];
    this.#bytes = 0;
    return all;
  }

  /** Moves parcels from the front until the room is used up; at least one piece of one, if there is any room. @returns the bytes moved */
  #take(queue: P[], { into, room }: { readonly into: P[]; readonly room: number }): number {
    const rests: P[] = [];
    let taken = 0;
    let count = 0;
    for (const parcel of queue) {
      if (taken >= room || (taken > 0 && taken + this.#pieceBytes(parcel) > room)) break;
      const piece = this.#split(parcel, rests);
      into.push(piece);
      taken += piece.body.byteLength;
      count += 1;
    }
    queue.splice(0, count);
    queue.push(...rests);
    this.#bytes -= taken;
    return taken;
  }

  #pieceBytes({ body }: P): number {
    return Math.min(body.byteLength, this.#options.pieceBytesMax);
  }

  /** Its first piece; what is left goes behind all others. */
  #split(parcel: P, rests: P[]): P {
    const { pieceBytesMax, rest } = this.#options;
    if (parcel.body.byteLength <= pieceBytesMax) return parcel;
    rests.push(rest(parcel, parcel.body.subarray(pieceBytesMax)));
    return { ...parcel, body: parcel.body.subarray(0, pieceBytesMax), more: true };
  }

  #without(queue: P[], id: number): P[] {
    const at = queue.findIndex(parcel => parcel.id === id);
    if (at < 0) return queue;
    this.#bytes -= queue[at]!.body.byteLength;
    return queue.toSpliced(at, 1);
  }
}
