/**
 * The ordered key-value store on one node's disk: LevelDB in production, memory with faults in tests.
 * Contract suite: test/contract/store.contract.ts. Group commit, overlay and checksums are not its business
 * (src/replica): it gives back whatever bytes it finds.
 */
export interface Store {
  /**
   * The value under `key` as of the last write that resolved, or of one under way; undefined if there is
   * none. Synchronous: 5 µs from a cached block, milliseconds from a cold disk; {@link Store.warm} first
   * where that matters (core/rows/cold-reads).
   * @throws StoreFailed when the store knows that it cannot tell; `corrupt` when what is there is no longer
   * what was written
   */
  get(key: Uint8Array): Uint8Array | undefined;
  /** Reads these keys into the cache, off the event loop. Never rejects. */
  warm(keys: readonly Uint8Array[]): Promise<void>;
  /**
   * Writes all operations or none, and resolves when they are as durable as the store was opened for. At most
   * one at a time. Rejects with StoreFailed; then it is unknown whether they are there, and every later write
   * fails until it is opened anew.
   */
  write(operations: readonly Operation[]): Promise<void>;
  /**
   * The entries of a range in byte order, at most `limit` of them, as of one moment.
   * Rejects with StoreFailed when a part of the range cannot be read; `corrupt` as for {@link Store.get}.
   */
  scan(range: Range): Promise<readonly Entry[]>;
  /** After every write under way. Rejects with StoreFailed if the store could not be closed without error. */
  close(): Promise<void>;
}

/** `value` undefined removes the key. */
export interface Operation {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface Range {
  /** From this key on, inclusive. */
  readonly from: Uint8Array;
  /** Up to this key, exclusive. */
  readonly to: Uint8Array;
  readonly limit: number;
}

/** The disk, or what is on it, failed. Not a bug of ours. */
export class StoreFailed extends Error {
  override readonly name = 'StoreFailed';
  /**
   * What lies there is not what was written, and no retry mends it. False: it may be sound, and was only not
   * to be had.
   */
  readonly corrupt: boolean;

  constructor(message: string, { corrupt = false, ...options }: StoreFailedDetails = {}) {
    super(message, options);
    this.corrupt = corrupt;
  }
}

export interface StoreFailedDetails {
  /** `false` unless said otherwise. */
  readonly corrupt?: boolean;
  readonly cause?: unknown;
}
