/**
 * Bodies that arrive in pieces, between which others come. Holds no more than a bound, whatever the other
 * side sends (I10).
 */
import { Buffer } from 'node:buffer';

export interface Piece {
  readonly id: number;
  readonly body: Uint8Array;
  readonly more: boolean;
}

const MIB = 1024 * 1024;
/**
 * Of what has begun on one stream. An honest sender has two bodies begun, a prompt one and one of bulk
 * (outbox.ts).
 */
export const ASSEMBLY_BYTES_MAX = 128 * MIB;

/** What a piece costs beside its bytes: without it, empty ones would cost nothing. */
const PIECE_BYTES = 256;

interface Begun {
  readonly pieces: Uint8Array[];
  bytes: number;
}

export class Assembly {
  readonly #bytesMax: number;
  readonly #begun = new Map<number, Begun>();
  #bytes = 0;

  constructor(bytesMax: number = ASSEMBLY_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** What is held, overhead included. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The body, if this was its last piece. Undefined: more is to come. `too much`: all that is begun would
   * exceed the bound.
   */
  add({ id, body, more }: Piece): Uint8Array | 'too much' | undefined {
    const begun = this.#begun.get(id);
    if (begun === undefined && !more) return body;
    if (this.#bytes + costOf(body) > this.#bytesMax) return 'too much';
    const { pieces } = this.#keep(id, { body, begun });
    if (more) return undefined;
    this.drop(id);
    return Buffer.concat(pieces);
  }

  /** Nobody waits for the rest. */
  drop(id: number): void {
    this.#bytes -= this.#begun.get(id)?.bytes ?? 0;
    this.#begun.delete(id);
  }

  /** Nothing more will come. */
  clear(): void {
    this.#begun.clear();
    this.#bytes = 0;
  }

  #keep(
    id: number,
    { body, begun = { pieces: [], bytes: 0 } }: { body: Uint8Array; begun: Begun | undefined },
  ): Begun {
    begun.pieces.push(alone(body));
    begun.bytes += costOf(body);
    this.#bytes += costOf(body);
    this.#begun.set(id, begun);
    return begun;
  }
}

/**
 * The same bytes, which keep nothing much larger than themselves in memory. A body is a view of the frame it
 * came in: 1. a frame brings one byte of a body, and megabytes of what nobody reads; 2. the byte is kept, and
 * with it the frame; 3. a bound of bytes bounds nothing.
 *
 * @param frameBytesMax what it may keep all the same: to copy costs more than to keep a little
 */
export function alone(body: Uint8Array, frameBytesMax = 0): Uint8Array {
  const kept = body.buffer.byteLength;
  return kept > frameBytesMax && kept > 2 * body.byteLength ? Buffer.from(body) : body;
}

function costOf(body: Uint8Array): number {
  return body.byteLength + PIECE_BYTES;
}
