/**
 * LevelDB's log as a simulator needs it: the rows as they are now, and the newest batches with what each of
 * them replaced, so that a crash or a bad block can take batches back, from the end or out of the middle. The
 * newest of them may not be synced yet.
 *
 * Opening LevelDB replays its log into a table, synced, and begins a new one ({@link DiskLog.reopen}): only
 * what was written since can be lost.
 */
import type { Buffer } from 'node:buffer';
import { asBuffer, byteText } from '../../../src/base/bytes.ts';
import type { Operation } from '../../../src/ports/store.ts';
import { SortedRows } from './rows.ts';

interface Change {
  readonly key: string;
  readonly before: Buffer | undefined;
  readonly after: Buffer | undefined;
}

/** Never changed, so that images may share it. */
type Batch = readonly Change[];

export interface LogImage {
  readonly rows: ReadonlyMap<string, Buffer>;
  readonly batches: readonly Batch[];
}

/** How many batches can still be taken back, at least: those of LevelDB's last blocks. */
export const LOG_BATCHES = 64;

export class DiskLog {
  readonly rows = new SortedRows();
  #batches: Batch[] = [];
  #unsynced = 0;

  /** How many batches can be taken back. */
  get length(): number {
    return this.#batches.length;
  }

  get unsynced(): number {
    return this.#unsynced;
  }

  append(operations: readonly Operation[]): void {
    this.#write(operations.map(({ key, value }) => [byteText(key), value && asBuffer(value)]));
    this.#unsynced += 1;
    const kept = Math.max(LOG_BATCHES, this.#unsynced);
    if (this.#batches.length >= 2 * kept) this.#batches.splice(0, this.#batches.length - kept);
  }

  sync(): void {
    this.#unsynced = 0;
  }

  reopen(): void {
    this.#unsynced = 0;
    this.#batches = [];
  }

  /** These batches, counted from the oldest that is left, are gone; what was written after them stays. */
  lose({ from, count }: { from: number; count: number }): void {
    const undone = this.#batches.splice(from);
    for (const batch of undone.toReversed()) {
      for (const { key, before } of batch.toReversed()) this.rows.set(key, before);
    }
    for (const batch of undone.slice(count)) this.#write(batch.map(({ key, after }) => [key, after]));
    this.#unsynced = Math.min(this.#unsynced, this.#batches.length);
  }

  /**
   * Rots the value where it lies: in the row and in the batch that wrote it, so that no replay makes it whole
   * again.
   */
  rot(key: string, rotten: Buffer): void {
    const sound = this.rows.get(key);
    const rotted = (change: Change): Change =>
      change.after === sound ? { ...change, after: rotten } : change;
    this.#batches = this.#batches.map(batch =>
      batch.some(({ after }) => after === sound) ? batch.map(rotted) : batch,
    );
    this.rows.set(key, rotten);
  }

  image(): LogImage {
    return { rows: new Map(this.rows.all), batches: [...this.#batches] };
  }

  restore({ rows, batches }: LogImage): void {
    this.rows.replace(rows);
    this.#batches = [...batches];
    this.#unsynced = 0;
  }

  #write(rows: readonly (readonly [string, Buffer | undefined])[]): void {
    const changes = rows.map(([key, after]) => {
      const before = this.rows.get(key);
      this.rows.set(key, after);
      return { key, before, after };
    });
    this.#batches.push(changes);
  }
}
