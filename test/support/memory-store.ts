/**
 * The `Store` of tests: an ordered map in memory that fails when told to. It keeps the contract of
 * src/ports/store.ts (test/contract/store.contract.ts), also in that nothing of a write is visible before it
 * commits.
 *
 * store.holdWrites()      the next writes stay under way until releaseWrites(): look at the moment between
 * queue and commit
 * store.failNextWrite()   that write rejects, and every one after it (the latch); `applied` says whether its
 * rows are there
 * store.failReads({ corrupt })  get throws and scan rejects until healReads(): as on a table that LevelDB
 * finds damaged, or as when
 *                           there is no file handle left to read it with
 *   store.flipBit(key)      one bit of a value is wrong from now on; store.lose(key): it is silently gone
 *   store.reopened()        what the next process finds: all that was committed, nothing of a write under way
 */
import { Buffer } from 'node:buffer';
import { assert } from '../../src/base/assert.ts';
import { asBuffer, byteText } from '../../src/base/bytes.ts';
import { type Entry, type Operation, type Range, type Store, StoreFailed } from '../../src/ports/store.ts';

export class MemoryStore implements Store {
  /** Keys are latin1 strings: `<` orders them as bytes. */
  readonly #rows: Map<string, Buffer>;
  #ordered: readonly string[] | undefined;
  #underWay: readonly Operation[] | undefined;
  #settled: Promise<unknown> = Promise.resolve();
  #gate: Gate | undefined;
  #nextFailure: { readonly applied: boolean } | undefined;
  #failed: StoreFailed | undefined;
  #readFailure: { readonly corrupt: boolean } | undefined;
  #closed: Promise<void> | undefined;
  #batchesWritten = 0;

  constructor(rows: ReadonlyMap<string, Buffer> = new Map()) {
    this.#rows = new Map(rows);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#checkReadable();
    const value = this.#rows.get(byteText(key));
    return value && Buffer.from(value);
  }

  async warm(_keys: readonly Uint8Array[]): Promise<void> {}

  async write(operations: readonly Operation[]): Promise<void> {
    if (this.#closed) throw new StoreFailed('the store is closed');
    if (this.#failed) throw this.#failed;
    assert(this.#underWay === undefined, 'at most one write at a time');
    this.#underWay = operations.map(copied);
    const committed = this.#commit(this.#underWay);
    this.#settled = committed.catch(() => undefined);
    return committed;
  }

  async scan({ from, to, limit }: Range): Promise<readonly Entry[]> {
    this.#checkReadable();
    const [first, end] = [byteText(from), byteText(to)];
    this.#ordered ??= [...this.#rows.keys()].sort();
    const keys = this.#ordered.filter(key => key >= first && key < end).slice(0, limit);
    return keys.map(key => ({ key: Buffer.from(key, 'latin1'), value: Buffer.from(this.#rows.get(key)!) }));
  }

  close(): Promise<void> {
    this.#closed ??= this.#settled.then(() => {
      if (this.#failed) throw this.#failed;
    });
    return this.#closed;
  }

  holdWrites(): void {
    this.#gate ??= new Gate();
  }

  /** The held write goes on, and later ones are not held. */
  releaseWrites(): void {
    this.#gate?.open();
    this.#gate = undefined;
  }

  /** The operations of the write under way: queued, not committed. */
  get underWay(): readonly Operation[] | undefined {
    return this.#underWay;
  }

  get batchesWritten(): number {
    return this.#batchesWritten;
  }

  /** The write under way if it is held, else the next one. */
  failNextWrite(options: { readonly applied: boolean } = { applied: false }): void {
    this.#nextFailure = options;
  }

  failReads(failure: { readonly corrupt: boolean }): void {
    this.#readFailure = failure;
  }

  healReads(): void {
    this.#readFailure = undefined;
  }

  /** @param bit counted from the first bit of the value; wraps around */
  flipBit(key: Uint8Array, bit = 0): void {
    const value = this.#rows.get(byteText(key));
    assert(value !== undefined && value.length > 0, 'there is a value to damage');
    const at = Math.floor(bit / 8) % value.length;
    value[at] = value[at]! ^ (1 << (bit % 8));
  }

  lose(key: Uint8Array): void {
    this.#set({ key, value: undefined });
  }

  reopened(): MemoryStore {
    return new MemoryStore(new Map([...this.#rows].map(([key, value]) => [key, Buffer.from(value)])));
  }

  async #commit(operations: readonly Operation[]): Promise<void> {
    await this.#gate?.passed;
    const failure = this.#nextFailure;
    if (failure) this.#failed = new StoreFailed('the disk of this test failed');
    if (!failure || failure.applied) for (const operation of operations) this.#set(operation);
    this.#underWay = undefined;
    if (this.#failed) throw this.#failed;
    this.#batchesWritten += 1;
  }

  #set({ key, value }: Operation): void {
    this.#ordered = undefined;
    if (value === undefined) this.#rows.delete(byteText(key));
    else this.#rows.set(byteText(key), asBuffer(value));
  }

  #checkReadable(): void {
    if (this.#closed) throw new StoreFailed('the store is closed');
    if (this.#readFailure) throw new StoreFailed('the disk of this test cannot be read', this.#readFailure);
  }
}

/** A promise that whoever holds the gate resolves. */
class Gate {
  open: () => void = () => undefined;
  readonly passed = new Promise<void>(resolve => {
    this.open = resolve;
  });
}

function copied({ key, value }: Operation): Operation {
  return { key: Buffer.from(key), value: value && Buffer.from(value) };
}
