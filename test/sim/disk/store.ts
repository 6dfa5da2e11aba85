/**
 * The `Store` of one process on a simulated disk. A write gets to the disk after a while, whether or not its
 * process is paused then; the process hears of it when it runs. When the process ends, nothing more gets
 * there or comes back. Reads are at once.
 *
 * A failed write latches, as in src/storage/level-store. Unlike there, the rows of one that failed but is in
 * the log are seen at once, not only by the next process.
 */
import { Buffer } from 'node:buffer';
import { assert } from '../../../src/base/assert.ts';
import { type Entry, type Operation, type Range, type Store, StoreFailed } from '../../../src/ports/store.ts';
import type { FoundStore } from './found.ts';
import { never, type Owner, type Pace } from './pace.ts';

/** What the store does to its disk. */
export interface Medium {
  readonly found: FoundStore;
  readonly pace: Pace;
  /** Puts the batch where it outlives the process, or says why not; it may do both. */
  land(batch: readonly Operation[]): StoreFailed | undefined;
  /** Why nothing can be read now. */
  unreadable(): StoreFailed | undefined;
  closed(): void;
}

export class SimStore implements Store {
  readonly owner: Owner;
  readonly #medium: Medium;
  /** The process waits for a write. */
  #busy = false;
  #underWay: readonly Operation[] | undefined;
  #settled: Promise<unknown> = Promise.resolve();
  #failed: StoreFailed | undefined;
  #closed: Promise<void> | undefined;

  constructor(owner: Owner, medium: Medium) {
    this.owner = owner;
    this.#medium = medium;
  }

  /** The batch that has not got to the disk yet. */
  get underWay(): readonly Operation[] | undefined {
    return this.#underWay;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#checkReadable();
    const value = this.#medium.found.get(key);
    return value && Buffer.from(value);
  }

  async warm(_keys: readonly Uint8Array[]): Promise<void> {
    return this.owner.alive ? undefined : never();
  }

  async write(operations: readonly Operation[]): Promise<void> {
    if (!this.owner.alive) return never();
    this.#checkOpen();
    if (this.#failed) throw this.#failed;
    assert(!this.#busy, 'at most one write at a time');
    const written = this.#begin(operations.map(copied));
    this.#settled = written.catch(() => undefined);
    return written;
  }

  async scan(range: Range): Promise<readonly Entry[]> {
    if (!this.owner.alive) return never();
    this.#checkReadable();
    return this.#medium.found.entries(range).map(({ key, value }) => ({ key, value: Buffer.from(value) }));
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #begin(batch: readonly Operation[]): Promise<void> {
    this.#busy = true;
    this.#underWay = batch;
    return new Promise((resolve, reject) => {
      this.#medium.pace.begin(this.owner, () => {
        this.#underWay = undefined;
        const failure = this.#medium.land(batch);
        this.owner.deliver(() => {
          this.#busy = false;
          this.#failed = failure;
          if (failure) reject(failure);
          else resolve();
        });
      });
    });
  }

  async #close(): Promise<void> {
    await this.#settled;
    if (!this.owner.alive) return never();
    if (this.#failed) throw this.#failed;
    this.#medium.closed();
  }

  #checkReadable(): void {
    this.#checkOpen();
    const failure = this.#medium.unreadable();
    if (failure) throw failure;
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreFailed('the store is closed');
  }
}

function copied({ key, value }: Operation): Operation {
  return { key: Buffer.from(key), value: value && Buffer.from(value) };
}
