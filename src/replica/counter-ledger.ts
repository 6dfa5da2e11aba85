/**
 * The counters of dots: the last one this node gave out, and the highest it has heard of every other
 * incarnation, which is what it answers a peer that wants to keep its own after a restart (DESIGN §4,
 * *Incarnations*; I3).
 *
 * A row a batch, if changed: the batch that holds a dot holds this counter or follows one that does. It may
 * be ahead of the rows (a change that was refused after it took its dot), never behind. Does not decide when
 * to draw a new incarnation (core/membership/identity, minter).
 */
import { assert } from '../base/assert.ts';
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import type { Incarnation } from '../base/ids.ts';
import { type Dot, incarnationOf } from '../core/record/version-vector.ts';
import { decodeSmallRow, encodeSmallRow } from '../core/rows/small-row.ts';
import type { Entry, Operation, Store } from '../ports/store.ts';
import type { Ledger } from './committer.ts';
import { knownKey, knownRange, readKnownKey } from './layout.ts';
import { scanAll } from './scan-all.ts';

export class CounterLedger implements Ledger {
  #incarnation: Incarnation;
  readonly #known = new Map<Incarnation, number>();
  readonly #changed = new Set<Incarnation>();
  #damaged = false;

  private constructor(incarnation: Incarnation) {
    this.#incarnation = incarnation;
  }

  static async load(store: Store, incarnation: Incarnation): Promise<CounterLedger> {
    const ledger = new CounterLedger(incarnation);
    await scanAll(store, knownRange(), entry => ledger.#restore(entry));
    return ledger;
  }

  /** The one in force. */
  get incarnation(): Incarnation {
    return this.#incarnation;
  }

  /** The last counter given out in this incarnation, or 0. */
  get last(): number {
    return this.#known.get(this.#incarnation) ?? 0;
  }

  /** A counter never given out before. */
  next(): number {
    const counter = this.last + 1;
    assert(Number.isSafeInteger(counter), 'counters end at 2^53: a new incarnation was due');
    this.#note(this.#incarnation, counter);
    return counter;
  }

  /** From here on this node mints as another incarnation; of the old one all that is known stays. */
  renew(incarnation: Incarnation): void {
    this.#incarnation = incarnation;
  }

  heard({ actor, counter }: Dot): void {
    const of = incarnationOf(actor);
    if (counter > (this.#known.get(of) ?? 0)) this.#note(of, counter);
  }

  /**
   * The highest counter known of an incarnation; 0 if it is a stranger. If a row was damaged, it may have
   * been the stranger's: then the answer is the largest there is, which keeps nobody from drawing a new
   * incarnation.
   */
  highest(of: Incarnation): number {
    return this.#known.get(of) ?? (this.#damaged ? Number.MAX_SAFE_INTEGER : 0);
  }

  close(): readonly Operation[] {
    const rows = [...this.#changed].map(of => row(of, this.#known.get(of)!));
    this.#changed.clear();
    return rows;
  }

  committed(): void {
    // What is known is known before it is durable: too high is safe.
  }

  failed(): void {
    // Nor is it forgotten.
  }

  #note(of: Incarnation, counter: number): void {
    this.#known.set(of, counter);
    this.#changed.add(of);
  }

  #restore({ key, value }: Entry): void {
    const of = readKnownKey(key);
    const counter = of && counterIn(key, value);
    if (of && counter !== undefined) this.#known.set(of, counter);
    else this.#damaged = true;
  }
}

function row(of: Incarnation, counter: number): Operation {
  const key = knownKey(of);
  return { key, value: encodeSmallRow({ key, body: new ByteWriter(8).u53(counter).bytes }) };
}

function counterIn(key: Uint8Array, value: Uint8Array): number | undefined {
  const body = decodeSmallRow({ key, value });
  if (body?.byteLength !== 8) return undefined;
  const reader = new ByteReader(body);
  const counter = reader.u53();
  return reader.bad ? undefined : counter;
}
