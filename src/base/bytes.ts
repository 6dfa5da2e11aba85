/**
 * Reading, writing and comparing bytes. A reader never throws on foreign bytes: it turns `bad` and answers
 * zeros.
 */
import { Buffer } from 'node:buffer';

export const EMPTY: Uint8Array = Buffer.alloc(0);

/**
 * Large enough that few bytes are lost at its end, small enough to be kept by one record that somebody holds
 * for long.
 */
const SLAB_BYTES = 32 * 1024;

let slab = Buffer.alloc(SLAB_BYTES);
let slabUsed = 0;

/**
 * Zeroed bytes. Small ones are cut from a slab, no byte of which is given out twice: 0.1 µs, where a buffer
 * of its own costs 0.9 µs and as much again when it is collected. Whoever keeps a few bytes for long should
 * copy them, or the whole slab stays.
 */
export function newBytes(size: number): Buffer {
  if (size > SLAB_BYTES / 8) return Buffer.alloc(size);
  if (slabUsed + size > SLAB_BYTES) {
    slab = Buffer.alloc(SLAB_BYTES);
    slabUsed = 0;
  }
  slabUsed += size;
  return slab.subarray(slabUsed - size, slabUsed);
}

/**
 * From here on UTF-16 and UTF-8 differ about the order: pairs, which are the largest in UTF-8, begin in the
 * middle of UTF-16.
 */
const SURROGATES = 0xd800;

/** Whether two byte strings are the same. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && Buffer.compare(a, b) === 0;
}

/** A Buffer over the same memory, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A string with a character for each byte (latin1): what a Map or a Set can have for its key. */
export function byteText(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('latin1');
}

/** Byte-wise order of strings that need not be latin1: the order of their UTF-8. No locale (DESIGN §10). */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const ours = a.charCodeAt(i);
    const theirs = b.charCodeAt(i);
    if (ours === theirs) continue;
    if (ours >= SURROGATES || theirs >= SURROGATES) return Buffer.compare(Buffer.from(a), Buffer.from(b));
    return ours < theirs ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}

/** Writes big-endian fields into a buffer whose exact size is known beforehand. */
export class ByteWriter {
  readonly bytes: Buffer;
  #at = 0;

  constructor(size: number) {
    this.bytes = newBytes(size);
  }

  u8(value: number): this {
    this.#at = this.bytes.writeUInt8(value, this.#at);
    return this;
  }

  u16(value: number): this {
    this.#at = this.bytes.writeUInt16BE(value, this.#at);
    return this;
  }

  u32(value: number): this {
    this.#at = this.bytes.writeUInt32BE(value, this.#at);
    return this;
  }

  /** A safe integer (< 2^53) as 8 bytes. */
  u53(value: number): this {
    this.#at = this.bytes.writeUInt32BE(Math.floor(value / 2 ** 32), this.#at);
    this.#at = this.bytes.writeUInt32BE(value % 2 ** 32, this.#at);
    return this;
  }

  raw(value: Uint8Array): this {
    this.bytes.set(value, this.#at);
    this.#at += value.byteLength;
    return this;
  }

  /** A string whose characters are bytes (`latin1`) or pairs of hex digits. */
  text(value: string, encoding: 'latin1' | 'hex' | 'utf8'): this {
    this.#at += this.bytes.write(value, this.#at, encoding);
    return this;
  }
}

/**
 * Reads what {@link ByteWriter} wrote. After a short read or an impossible number, `bad` is true for good.
 */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;
  #bad = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = asBuffer(bytes);
  }

  get bad(): boolean {
    return this.#bad;
  }

  get remaining(): number {
    return this.#bytes.byteLength - this.#at;
  }

  u8(): number {
    return this.#claim(1) ? this.#bytes.readUInt8(this.#at - 1) : 0;
  }

  u16(): number {
    return this.#claim(2) ? this.#bytes.readUInt16BE(this.#at - 2) : 0;
  }

  u32(): number {
    return this.#claim(4) ? this.#bytes.readUInt32BE(this.#at - 4) : 0;
  }

  /** 8 bytes as a safe integer; 2^53 and above are bad, never wrapped (TRAPS C12). */
  u53(): number {
    if (!this.#claim(8)) return 0;
    const value = this.#bytes.readUInt32BE(this.#at - 8) * 2 ** 32 + this.#bytes.readUInt32BE(this.#at - 4);
    if (Number.isSafeInteger(value)) return value;
    this.#bad = true;
    return 0;
  }

  /** A view of the next bytes, not a copy. */
  raw(size: number): Uint8Array {
    return this.#claim(size) ? this.#bytes.subarray(this.#at - size, this.#at) : EMPTY;
  }

  text(size: number, encoding: 'latin1' | 'hex' | 'utf8'): string {
    return this.#claim(size) ? this.#bytes.toString(encoding, this.#at - size, this.#at) : '';
  }

  #claim(size: number): boolean {
    if (this.#bad || this.remaining < size) {
      this.#bad = true;
      return false;
    }
    this.#at += size;
    return true;
  }
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every(byte => byte === 0);
}
