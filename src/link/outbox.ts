/**
 * What waits to be sent on one stream: gathered until the turn ends, then written as few frames. A frame of sixteen costs little more than a
 * frame of one, which is most of what a request costs (DESIGN §8, "why streams inside").
 *
 * Decides order and size of frames. While the stream presses back nothing is written. Bulk yields to what is prompt, what is large goes in
 * pieces and others go between them, and nobody waits for ever: each lane comes first in some frames. How much may be here is decided by
 * whoever puts it in.
 *
 * At most one parcel of a lane is begun and not yet whole on the other side, and one lane holds no large ones; do not begin more of them:
 * 1. 256 reads of 1 MiB are answered in one turn; 2. a first piece of each is sent, then a second; 3. the asker holds 128 MiB of beginnings
 * and not one whole answer, takes that for an attack, and cuts the stream.
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
/** What is larger waits in a lane of its own. */
const LARGE_BYTES = FRAME_BYTES_MAX / 2;
/** What of a frame bulk may have while there is something else, too; one piece in any case. */
const BULK_BYTES = FRAME_BYTES_MAX / 4;
/** What a parcel costs beside its body, on the wire and in memory: without it, empty ones would cost nothing. */
const PARCEL_BYTES = 64;

type Lane = 'prompt' | 'large' | 'bulk';

/** Whose turn it is to come first in a frame; what then is left of it is for the others. */
const TURNS: readonly (readonly Lane[])[] = [
  ['prompt', 'large', 'bulk'],
  ['large', 'prompt', 'bulk'],
  ['prompt', 'bulk', 'large'],
  ['bulk', 'prompt', 'large'],
];

export class Outbox<P extends Parcel> {
  readonly #options: OutboxOptions<P>;
  #lanes: Record<Lane, P[]> = { prompt: [], large: [], bulk: [] };
  #bytes = 0;
  #frames = 0;
  #scheduled = false;
  #blocked: boolean;
  #closed = false;

  constructor(options: OutboxOptions<P>) {
    this.#options = options;
    this.#blocked = options.blocked;
  }

  /** What it costs to keep all that waits. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    const { prompt, large, bulk } = this.#lanes;
    return prompt.length === 0 && large.length === 0 && bulk.length === 0;
  }

  push(parcel: P, { bulk }: { readonly bulk: boolean }): void {
    if (this.#closed) return;
    const lane = bulk ? 'bulk' : parcel.body.byteLength > LARGE_BYTES ? 'large' : 'prompt';
    this.#lanes[lane].push(parcel);
    this.#bytes += costOf(parcel.body.byteLength);
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
    for (const lane of Object.values(this.#lanes)) {
      const at = lane.findIndex(parcel => parcel.id === id);
      if (at < 0) continue;
      this.#bytes -= costOf(lane[at]!.body.byteLength);
      lane.splice(at, 1);
    }
  }

  /** The stream takes more again. */
  drained(): void {
    this.#blocked = false;
    this.schedule();
  }

  close(): void {
    this.#closed = true;
    this.#empty();
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#closed) return;
    do this.#blocked = !this.#options.write(this.#nextFrame());
    while (!this.#closed && !this.#blocked && !this.isEmpty);
  }

  #nextFrame(): readonly P[] {
    if (this.#bytes <= Math.min(FRAME_BYTES_MAX, this.#options.pieceBytesMax)) return this.#takeAll();
    const frame: P[] = [];
    let room = FRAME_BYTES_MAX;
    for (const lane of TURNS[this.#frames % TURNS.length]!)
      room -= this.#take(lane, { into: frame, room: Math.min(room, this.#share(lane)) });
    this.#frames += 1;
    return frame;
  }

  #takeAll(): readonly P[] {
    const { prompt, large, bulk } = this.#lanes;
    this.#empty();
    return large.length === 0 && bulk.length === 0 ? prompt : [...prompt, ...large, ...bulk];
  }

  #empty(): void {
    this.#lanes = { prompt: [], large: [], bulk: [] };
    this.#bytes = 0;
  }

  #share(lane: Lane): number {
    const { prompt, large } = this.#lanes;
    return lane === 'bulk' && prompt.length + large.length > 0 ? BULK_BYTES : FRAME_BYTES_MAX;
  }

  /** Moves parcels from the front while there is room; a frame that would be empty takes one piece, whatever its size. @returns what they cost */
  #take(lane: Lane, { into, room }: { readonly into: P[]; readonly room: number }): number {
    const queue = this.#lanes[lane];
    let taken = 0;
    let count = 0;
    while (count < queue.length) {
      const { piece, rest } = this.#split(queue[count]!);
      const cost = costOf(piece.body.byteLength);
      if (into.length > 0 && taken + cost > room) break;
      into.push(piece);
      taken += cost;
      if (rest === undefined) count += 1;
      else queue[count] = rest;
      this.#bytes -= rest === undefined ? cost : piece.body.byteLength;
    }
    queue.splice(0, count);
    return taken;
  }

  #split(parcel: P): { readonly piece: P; readonly rest?: P } {
    const { pieceBytesMax, rest } = this.#options;
    const { body } = parcel;
    if (body.byteLength <= pieceBytesMax) return { piece: parcel };
    const piece = { ...parcel, body: body.subarray(0, pieceBytesMax), more: true };
    return { piece, rest: rest(parcel, body.subarray(pieceBytesMax)) };
  }
}

function costOf(bodyBytes: number): number {
  return bodyBytes + PARCEL_BYTES;
}
