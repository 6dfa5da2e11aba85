/**
 * The `Store` on LevelDB. It makes a batch durable (I4) and turns every complaint of LevelDB into
 * StoreFailed.
 *
 * Why the first failed write is the last: 1. fsync of a batch fails; 2. the kernel may have dropped the dirty
 * pages and says "fine" to the next fsync; 3. a retry that succeeds would be acknowledged upon a log with a
 * hole. So nothing is tried again before the store is opened anew, and whether the failed batch is there is
 * unknown: it often is (TRAPS §0.2, S3).
 *
 * It does not find wrong bytes: `classic-level` does not verify LevelDB's checksums, and a damaged log loses
 * rows without a word (TRAPS §0.1). Rows guard themselves (src/core/rows/row.ts), segment sums find what is
 * missing.
 */
import { Level } from 'level';
import { assert } from '../base/assert.ts';
import type { Durability } from '../core/membership/identity.ts';
import { type Entry, type Operation, type Range, type Store, StoreFailed } from '../ports/store.ts';

export type { Durability };

/** A LevelDB whose keys and values are bytes. */
export type Bytewise = Level<Uint8Array, Uint8Array>;

/**
 * Blocks kept uncompressed in memory, at most: what `warm` warms. LevelDB's own 8 MiB are soon swept by a
 * scan. Where the rows are in the page cache anyhow it matters little: a random get among 50 MB of rows took
 * 5 µs with 64 MiB and 6.6 µs with 8.
 */
const CACHE_BYTES = 32 * 1024 * 1024;

/**
 * What LevelDB gathers in memory, and in its log, before it writes a table. Of a row that changes often only
 * the newest is written then, and a segment's sum changes with each of its rows: with LevelDB's own 4 MiB a
 * put of three nodes took 190 to 210 µs of CPU, all threads, and 140 to 170 with this. A larger one is more
 * memory (twice this), more to replay after a crash, and asks for more slots in the trail (replica/trail).
 */
const WRITE_BUFFER_BYTES = 16 * 1024 * 1024;

export class LevelStore implements Store {
  readonly #db: Bytewise;
  readonly #sync: boolean;
  #underWay: Promise<void> | undefined;
  #failed: StoreFailed | undefined;
  #closed: Promise<void> | undefined;

  /** @param db open */
  constructor(db: Bytewise, durability: Durability) {
    this.#db = db;
    this.#sync = durability === 'fsync';
  }

  /**
   * Opens the LevelDB in the folder `path`; with `create`, makes one if there is none in it. Rejects with
   * StoreFailed; its cause is LevelDB's own error, whose `code` may be LEVEL_LOCKED or LEVEL_CORRUPTION.
   */
  static async open({ path, durability, create }: LevelStoreOptions): Promise<LevelStore> {
    const db: Bytewise = new Level(path, { keyEncoding: 'buffer', valueEncoding: 'buffer' });
    try {
      await db.open({
        createIfMissing: create,
        cacheSize: CACHE_BYTES,
        writeBufferSize: WRITE_BUFFER_BYTES,
      });
    } catch (error) {
      throw failure('cannot be opened', (error as Error).cause ?? error);
    }
    return new LevelStore(db, durability);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#checkOpen();
    try {
      return this.#db.getSync(key);
    } catch (error) {
      throw readFailure('a row cannot be read', error);
    }
  }

  async warm(keys: readonly Uint8Array[]): Promise<void> {
    if (this.#closed) return;
    await this.#db.getMany([...keys]).catch(() => undefined);
  }

  async write(operations: readonly Operation[]): Promise<void> {
    this.#checkOpen();
    if (this.#failed) throw this.#failed;
    assert(this.#underWay === undefined, 'at most one write at a time');
    this.#underWay = this.#commit(operations);
    try {
      await this.#underWay;
    } finally {
      this.#underWay = undefined;
    }
  }

  async scan({ from, to, limit }: Range): Promise<readonly Entry[]> {
    this.#checkOpen();
    try {
      const found = this.#db.iterator({ gte: from, lt: to, limit });
      return (await found.all()).map(([key, value]) => ({ key, value }));
    } catch (error) {
      throw readFailure('a range cannot be read', error);
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** The chained batch, not the array: 1 µs of the event loop for an operation instead of 10 (DESIGN §6). */
  async #commit(operations: readonly Operation[]): Promise<void> {
    try {
      const batch = this.#db.batch();
      for (const { key, value } of operations) {
        if (value === undefined) batch.del(key);
        else batch.put(key, value);
      }
      await batch.write({ sync: this.#sync });
    } catch (error) {
      this.#failed = failure('a write failed, so no other is tried until the store is opened anew', error);
      throw this.#failed;
    }
  }

  /**
   * LevelDB does not say whether it closed well, so a store with a failed write counts as badly closed: no
   * clean mark then.
   */
  async #close(): Promise<void> {
    await this.#underWay?.catch(() => undefined);
    try {
      await this.#db.close();
    } catch (error) {
      throw failure('cannot be closed', error);
    }
    if (this.#failed) throw this.#failed;
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreFailed('the store is closed');
  }
}

export interface LevelStoreOptions {
  readonly path: string;
  readonly durability: Durability;
  readonly create: boolean;
}

function failure(what: string, cause: unknown): StoreFailed {
  return new StoreFailed(complaint(what, cause), { cause });
}

/** LevelDB names corruption in every read; an I/O error bears a code from a scan and none from a get. */
function readFailure(what: string, cause: unknown): StoreFailed {
  const corrupt = (cause as { code?: unknown }).code === 'LEVEL_CORRUPTION';
  return new StoreFailed(complaint(what, cause), { cause, corrupt });
}

function complaint(what: string, cause: unknown): string {
  return `LevelDB: ${what}: ${(cause as Error).message}`;
}
