/**
 * What waits to be sent on one stream, in three lanes, and what of it goes into the next frame. Bulk yields
 * to what is prompt, what is large goes in pieces and others go between them, and nobody waits for ever: each
 * lane comes first in some frames.
 *
 * At most one parcel of a lane is begun and not yet whole on the other side, and one lane holds no large
 * ones; do not begin more of them: 1. 256 reads of 1 MiB are answered in one turn; 2. a first piece of each
 * is sent, then a second; 3. the asker holds 128 MiB of beginnings and not one whole answer, takes that for
 * an attack, and cuts the stream.
 *
 * A parcel is found by its id, not by looking for it: 1. somebody who reads nothing has 40 000 refusals wait
 * for him; 2. he sends frames of 16 384 cancels, of them or of nothing; 3. each frame would be 650 million
 * steps.
 */
export interface Parcel {
  /** No two that wait share one. */
  readonly id: number;
  readonly body: Uint8Array;
  readonly more: boolean;
}

export interface LanesOptions<P extends Parcel> {
  readonly pieceBytesMax: number;
  /** A piece of a parcel that is not its first. */
  readonly rest: (parcel: P, body: Uint8Array) => P;
}

/**
 * The most a frame holds, unless one parcel alone is larger (DESIGN §8): it is in memory once on each side,
 * and nothing overtakes it.
 */
export const FRAME_BYTES_MAX = 512 * 1024;
/** What is larger waits in a lane of its own. */
const LARGE_BYTES = FRAME_BYTES_MAX / 2;
/** What of a frame bulk may have while there is something else, too; one piece in any case. */
const BULK_BYTES = FRAME_BYTES_MAX / 4;
/**
 * What a parcel costs beside its body, on the wire and in memory: without it, empty ones would cost nothing.
 */
const PARCEL_BYTES = 64;

type Lane = 'prompt' | 'large' | 'bulk';

/** Whose turn it is to come first in a frame; what then is left of it is for the others. */
const TURNS: readonly (readonly Lane[])[] = [
  ['prompt', 'large', 'bulk'],
  ['large', 'prompt', 'bulk'],
  ['prompt', 'bulk', 'large'],
  ['bulk', 'prompt', 'large'],
];

export class Lanes<P extends Parcel> {
  readonly #options: LanesOptions<P>;
  /** By id, in the order in which they came. */
  readonly #lanes: Readonly<Record<Lane, Map<number, P>>> = {
    prompt: new Map(),
    large: new Map(),
    bulk: new Map(),
  };
  #bytes = 0;
  #frames = 0;

  constructor(options: LanesOptions<P>) {
    this.#options = options;
  }

  /** What it costs to keep all that waits. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    const { prompt, large, bulk } = this.#lanes;
    return prompt.size === 0 && large.size === 0 && bulk.size === 0;
  }

  has(id: number): boolean {
    const { prompt, large, bulk } = this.#lanes;
    return prompt.has(id) || large.has(id) || bulk.has(id);
  }

  push(parcel: P, { bulk }: { readonly bulk: boolean }): void {
    const lane = bulk ? 'bulk' : parcel.body.byteLength > LARGE_BYTES ? 'large' : 'prompt';
    this.#lanes[lane].set(parcel.id, parcel);
    this.#bytes += costOf(parcel);
  }

  /** Takes out what is left of it. */
  remove(id: number): void {
    const { prompt, large, bulk } = this.#lanes;
    for (const lane of [prompt, large, bulk]) {
      const parcel = lane.get(id);
      if (parcel === undefined) continue;
      this.#bytes -= costOf(parcel);
      lane.delete(id);
    }
  }

  /** What goes into the next frame is here no longer. */
  next(): readonly P[] {
    if (this.#bytes <= Math.min(FRAME_BYTES_MAX, this.#options.pieceBytesMax)) return this.#takeAll();
    const frame: P[] = [];
    let room = FRAME_BYTES_MAX;
    for (const lane of TURNS[this.#frames % TURNS.length]!)
      room -= this.#take(this.#lanes[lane], { into: frame, room: Math.min(room, this.#share(lane)) });
    this.#frames += 1;
    return frame;
  }

  clear(): void {
    const { prompt, large, bulk } = this.#lanes;
    for (const lane of [prompt, large, bulk]) lane.clear();
    this.#bytes = 0;
  }

  #takeAll(): readonly P[] {
    const { prompt, large, bulk } = this.#lanes;
    const all = [...prompt.values()];
    if (large.size + bulk.size > 0) all.push(...large.values(), ...bulk.values());
    this.clear();
    return all;
  }

  #share(lane: Lane): number {
    const { prompt, large } = this.#lanes;
    return lane === 'bulk' && prompt.size + large.size > 0 ? BULK_BYTES : FRAME_BYTES_MAX;
  }

  /**
   * Moves parcels from the front while there is room; a frame that would be empty takes one piece, whatever
   * its size.
   * @returns what they cost
   */
  #take(lane: Map<number, P>, { into, room }: { readonly into: P[]; readonly room: number }): number {
    let taken = 0;
    let parcel = first(lane);
    while (parcel !== undefined) {
      const { piece, rest } = this.#split(parcel);
      const cost = costOf(piece);
      if (into.length > 0 && taken + cost > room) break;
      into.push(piece);
      taken += cost;
      if (rest === undefined) lane.delete(parcel.id);
      else lane.set(parcel.id, rest);
      this.#bytes -= rest === undefined ? cost : piece.body.byteLength;
      parcel = first(lane);
    }
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

function first<P>(lane: ReadonlyMap<number, P>): P | undefined {
  return lane.values().next().value;
}

function costOf({ body }: Parcel): number {
  return body.byteLength + PARCEL_BYTES;
}
