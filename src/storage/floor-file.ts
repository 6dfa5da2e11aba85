/**
 * The `Floor` on a disk: the first bytes of a file that stays open, overwritten in place by one `pwrite` that
 * is not synced: `number u53 | checksum u32`. Synchronous, so that the note is with the operating system
 * before its batch is acknowledged. Errors are told once and otherwise ignored: without a floor a lost log
 * tail may go unseen, no more than that.
 */
import { Buffer } from 'node:buffer';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { asBuffer, ByteReader, ByteWriter } from '../base/bytes.ts';
import { checksum } from '../base/hash.ts';
import type { Floor } from '../ports/floor.ts';
import type { Log } from '../ports/log.ts';

const NUMBER_BYTES = 8;
const FLOOR_BYTES = NUMBER_BYTES + 4;

export class FloorFile implements Floor {
  readonly #path: string;
  readonly #log: Log;
  /** Undefined: it could not be opened, or is closed. */
  #file: number | undefined;
  #told = false;

  /** Opens the file, or makes it. Never throws: see {@link Floor}. */
  constructor({ path, log }: { path: string; log: Log }) {
    this.#path = path;
    this.#log = log;
    this.#file = this.#attempt(() => openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644));
  }

  async read(): Promise<number | undefined> {
    const file = this.#file;
    if (file === undefined) return undefined;
    const bytes = Buffer.alloc(FLOOR_BYTES);
    const size = this.#attempt(() => readSync(file, bytes, 0, FLOOR_BYTES, 0));
    return size === FLOOR_BYTES ? floorIn(bytes) : undefined;
  }

  note(batch: number): void {
    const file = this.#file;
    if (file === undefined) return;
    const number = new ByteWriter(NUMBER_BYTES).u53(batch).bytes;
    const bytes = new ByteWriter(FLOOR_BYTES).raw(number).u32(checksum(number)).bytes;
    this.#attempt(() => writeSync(file, bytes, 0, FLOOR_BYTES, 0));
  }

  close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) this.#attempt(() => closeSync(file));
  }

  #attempt<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      if (!this.#told) this.#log.warn('the floor cannot be noted', { path: this.#path, why: String(error) });
      this.#told = true;
      return undefined;
    }
  }
}

function floorIn(bytes: Buffer): number | undefined {
  const reader = new ByteReader(bytes);
  const number = asBuffer(reader.raw(NUMBER_BYTES));
  if (reader.u32() !== checksum(number)) return undefined;
  const batch = new ByteReader(number).u53();
  return batch === 0 ? undefined : batch;
}
