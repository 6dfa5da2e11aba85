/** Bodies that arrive in pieces, between which others come. Holds no more than a bound, whatever the other side sends (I10). */
import { Buffer } from 'node:buffer';

export interface Piece {
  readonly id: number;
  readonly body: Uint8Array;
  readonly more: boolean;
}

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

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Whether pieces of this one have come, and not all. */
  has(id: number): boolean {
    return this.#begun.has(id);
  }

  /** The body, if this was its last piece. Undefined: more is to come. `too much`: all that is begun would exceed the bound. */
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

  #keep(
    id: number,
    { body, begun = { pieces: [], bytes: 0 } }: { body: Uint8Array; begun: Begun | undefined },
  ): Begun {
    begun.pieces.push(body);
    begun.bytes += costOf(body);
    this.#bytes += costOf(body);
    this.#begun.set(id, begun);
    return begun;
  }
}

function costOf(body: Uint8Array): number {
  return body.byteLength + PIECE_BYTES;
}
