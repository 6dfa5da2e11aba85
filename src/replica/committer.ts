/**
 * Group commit (DESIGN §6, "one tick, one batch"): exactly one batch is on its way to the disk while the next
 * one gathers. Until a batch is durable its rows are an overlay that reads see, so whoever reads and queues
 * in one tick needs no lock.
 *
 * Holds I4 (a promise resolves only when its batch is durable) and, with the ledgers, I7 (what is kept beside
 * the rows lands in the batch of the rows). Does not decide when a batch is full (batch), nor what a disk
 * fault means to clients.
 *
 * A fault latches, and nothing queued behind it is written: 1. batch 7 with row (a,7) fails; 2. batch 8
 * merges onto (a,7) and is written; 3. after a restart the row claims (a,7), which was never acknowledged
 * nor, perhaps, kept. So all of it goes at once.
 */
import { byteText, EMPTY } from '../base/bytes.ts';
import { ShoalError } from '../base/errors.ts';
import type { Metrics } from '../ports/metrics.ts';
import { type Operation, type Store, StoreFailed } from '../ports/store.ts';
import { Batch, operationBytes, type Queued } from './batch.ts';

/**
 * State whose rows are written once a batch, however often it changes: sums, counters, the trail. Called in
 * the order of batches.
 */
export interface Ledger {
  /**
   * A batch is being closed: the rows to add to it, the state after every change made so far. Several batches
   * may be closed before the first of them is committed.
   */
  close(): readonly Operation[];
  /** The oldest closed batch is durable. */
  committed(): void;
  /** None of the closed batches, nor what was changed since, will ever be. */
  failed(): void;
}

export interface CommitterParts {
  readonly store: Store;
  readonly metrics: Metrics;
  readonly ledgers: readonly Ledger[];
}

/** What may wait for the disk, unless it is alone (I10): a second or so of a disk that stalls. */
export const QUEUE_BYTES_MAX = 64 * 1024 * 1024;

export class Committer {
  readonly #store: Store;
  readonly #metrics: Metrics;
  readonly #ledgers: readonly Ledger[];
  /** By key (latin1). */
  readonly #overlay = new Map<string, Queued>();
  /** The key last asked for, and its text: whoever reads a row and queues it in one tick asks three times. */
  #lastKey: Uint8Array = EMPTY;
  #lastText = '';
  /** Oldest first; the last one gathers, unless it is closed. */
  readonly #batches: Batch[] = [];
  readonly #onFault: ((fault: StoreFailed) => void)[] = [];
  #bytes = 0;
  #writing = false;
  #fault: StoreFailed | undefined;

  constructor({ store, metrics, ledgers }: CommitterParts) {
    this.#store = store;
    this.#metrics = metrics;
    this.#ledgers = ledgers;
  }

  /** Why nothing is written any more; undefined while all is well. */
  get faulted(): StoreFailed | undefined {
    return this.#fault;
  }

  /** Calls back once, when the disk fails (at once if it has). */
  onFault(callback: (fault: StoreFailed) => void): void {
    if (this.#fault) callback(this.#fault);
    else this.#onFault.push(callback);
  }

  /**
   * What is under `key`, queued writes included.
   * @throws StoreFailed when the store cannot tell
   */
  get(key: Uint8Array): Uint8Array | undefined {
    const queued = this.#overlay.get(this.#text(key));
    return queued ? queued.operation.value : this.#store.get(key);
  }

  /** Resolves when what {@link get} shows is durable; undefined when nothing of this key is queued. */
  whenDurable(key: Uint8Array): Promise<void> | undefined {
    return this.#overlay.get(this.#text(key))?.batch.durable;
  }

  /**
   * Queues a change, whole in one batch, and resolves when that is durable; rejects with StoreFailed.
   *
   * Change ledgers *after* this call, in the same tick: it may close the batch before, which must not know of
   * this change (I7).
   * @throws ShoalError OVERLOADED: nothing was queued
   */
  queue(operations: readonly Operation[]): Promise<void> {
    if (this.#fault) return rejected(this.#fault);
    if (operations.length === 0) return Promise.resolve();
    const bytes = operations.reduce((sum, operation) => sum + operationBytes(operation), 0);
    this.#checkRoom(bytes);
    const batch = this.#gathering(operations, bytes);
    for (const operation of operations) this.#add(operation, batch);
    this.#bytes += bytes;
    if (!this.#writing) void this.#write();
    return batch.durable;
  }

  /** Resolves when everything queued so far is durable; rejects with StoreFailed. */
  flush(): Promise<void> {
    if (this.#fault) return rejected(this.#fault);
    return this.#batches.at(-1)?.durable ?? Promise.resolve();
  }

  #checkRoom(bytes: number): void {
    if (this.#bytes === 0 || this.#bytes + bytes <= QUEUE_BYTES_MAX) return;
    this.#metrics.count('commit.refused');
    throw new ShoalError('OVERLOADED', `${this.#bytes} bytes already wait for the disk`);
  }

  /** The batch that takes this change: the one that gathers, or a new one behind it. */
  #gathering(operations: readonly Operation[], bytes: number): Batch {
    const last = this.#batches.at(-1);
    if (last && last.ledgerRows === undefined) {
      if (last.fits(operations, bytes)) return last;
      this.#close(last);
    }
    const batch = new Batch();
    this.#batches.push(batch);
    return batch;
  }

  #add(operation: Operation, batch: Batch): void {
    const key = this.#text(operation.key);
    const known = this.#overlay.get(key);
    this.#overlay.set(key, batch.add(key, operation, known?.batch === batch ? known : undefined));
  }

  #text(key: Uint8Array): string {
    if (key !== this.#lastKey) {
      this.#lastKey = key;
      this.#lastText = byteText(key);
    }
    return this.#lastText;
  }

  #close(batch: Batch): void {
    batch.ledgerRows ??= this.#ledgers.flatMap(ledger => ledger.close());
  }

  /**
   * Batch after batch, until none is left. Begins after the tick it was called in, so that the tick's changes
   * go together.
   */
  async #write(): Promise<void> {
    this.#writing = true;
    await Promise.resolve();
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
      this.#close(batch);
      const fault = await this.#tryWrite([
        ...batch.queued.map(({ operation }) => operation),
        ...(batch.ledgerRows ?? []),
      ]);
      if (fault) this.#fail(fault);
      else this.#succeed(batch);
    }
    this.#writing = false;
  }

  async #tryWrite(operations: readonly Operation[]): Promise<StoreFailed | undefined> {
    try {
      await this.#store.write(operations);
      return undefined;
    } catch (cause) {
      return cause instanceof StoreFailed ? cause : new StoreFailed('the store failed to write', { cause });
    }
  }

  #succeed(batch: Batch): void {
    this.#batches.shift();
    this.#bytes -= batch.bytes;
    for (const { key } of batch.queued) {
      if (this.#overlay.get(key)?.batch === batch) this.#overlay.delete(key);
    }
    this.#metrics.count('commit.batches');
    this.#metrics.count('commit.operations', batch.queued.length);
    for (const ledger of this.#ledgers) ledger.committed();
    batch.succeed();
  }

  #fail(fault: StoreFailed): void {
    this.#fault = fault;
    this.#overlay.clear();
    this.#bytes = 0;
    this.#metrics.count('commit.faults');
    for (const ledger of this.#ledgers) ledger.failed();
    for (const batch of this.#batches.splice(0)) batch.fail(fault);
    for (const callback of this.#onFault.splice(0)) callback(fault);
  }
}

/** A rejection that may be left alone. */
function rejected(fault: StoreFailed): Promise<never> {
  const promise = Promise.reject(fault);
  promise.catch(() => undefined);
  return promise;
}
