/**
 * The last context that was seen of each key, for the next write to it: of a bounded number of keys, the one
 * that was first seen longest ago forgotten first.
 *
 * A context is copied. 1. A reply's context is a slice of the frame it came in; 2. the frame holds some
 * hundred replies; 3. remembered as it is, 50 bytes of context would keep half a megabyte alive.
 */
import { Buffer } from 'node:buffer';

export interface Seen {
  readonly context: Uint8Array;
  /** Numbers of this run's values that it covers; kept for the check only. */
  readonly covers: readonly number[];
}

export class Contexts {
  readonly #keysMax: number;
  readonly #seen = new Map<number, Seen>();

  constructor(keysMax: number) {
    this.#keysMax = keysMax;
  }

  of(key: number): Seen | undefined {
    return this.#seen.get(key);
  }

  remember(key: number, { context, covers }: Seen): void {
    if (this.#keysMax === 0) return;
    this.#seen.set(key, { context: Buffer.from(context), covers });
    if (this.#seen.size > this.#keysMax) this.#seen.delete(this.#seen.keys().next().value!);
  }
}
