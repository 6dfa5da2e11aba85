/**
 * A small file beside the store that is replaced whole and durably: write new, fsync, rename, fsync
 * directory. The identity and the cluster's table live in such files, *outside* LevelDB, because LevelDB can
 * open as empty or roll back without a word (TRAPS §0.1, S5).
 */
export interface DurableFile {
  /**
   * Undefined when it was never written. Rejects with {@link StoreFailed} when what is there is not what was
   * written.
   */
  read(): Promise<Held | undefined>;
  /** Resolves when `content` (JSON) will survive a power cut. */
  write(content: unknown): Promise<void>;
}

export interface Held {
  readonly content: unknown;
  /**
   * The file is not the one that was written but a copy of it: a restored backup, a cloned disk (TRAPS C6).
   */
  readonly copied: boolean;
}
