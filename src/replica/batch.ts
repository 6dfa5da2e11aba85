/** What goes to the disk together: gathered until full, then closed, then written whole or not at all. */
import type { Operation, StoreFailed } from '../ports/store.ts';

/**
 * Group commit gains little beyond (79 000 records/s at 64), and a batch must stay a short stall of the event
 * loop.
 */
export const BATCH_OPERATIONS_MAX = 256;
/** A small part of LevelDB's write buffer: a batch that fills it would stall the writes behind it. */
export const BATCH_BYTES_MAX = 1024 * 1024;

/** The newest operation of a key in a batch. */
export interface Queued {
  /** latin1 */
  readonly key: string;
  readonly batch: Batch;
  operation: Operation;
}

export class Batch {
  /** One a key: a later operation takes the place of the earlier one. */
  readonly queued: Queued[] = [];
  /** Resolves when it is durable. */
  readonly durable: Promise<void>;
  /** What the ledgers add; known once it is closed. */
  ledgerRows: readonly Operation[] | undefined;
  #count = 0;
  #bytes = 0;
  #resolve!: () => void;
  #reject!: (fault: StoreFailed) => void;

  constructor() {
    this.durable = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever awaits it sees the rejection; that nobody does is no bug.
    this.durable.catch(() => undefined);
  }

  /** As queued: what was replaced counts too. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether these may come in as well. The first always may: one change larger than a batch goes alone. */
  fits(operations: readonly Operation[], bytes: number): boolean {
    if (this.#count === 0) return true;
    return this.#count + operations.length <= BATCH_OPERATIONS_MAX && this.#bytes + bytes <= BATCH_BYTES_MAX;
  }

  /** @param replaced what this batch held of that key so far */
  add(key: string, operation: Operation, replaced: Queued | undefined): Queued {
    this.#count += 1;
    this.#bytes += operationBytes(operation);
    const queued = replaced ?? { key, operation, batch: this };
    if (replaced === undefined) this.queued.push(queued);
    queued.operation = operation;
    return queued;
  }

  succeed(): void {
    this.#resolve();
  }

  fail(fault: StoreFailed): void {
    this.#reject(fault);
  }
}

export function operationBytes({ key, value }: Operation): number {
  return key.byteLength + (value?.byteLength ?? 0);
}
