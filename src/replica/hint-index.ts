/**
 * How many notes there are for whom, of how many bytes, and since when: what the caps of DESIGN §7 go by and
 * `shoal status` shows. Loaded by one scan at start, then carried on with every note that comes or goes, and
 * set back when the disk fails under those that were queued. Does not know which keys the notes name: their
 * number is bounded by the disk only.
 */
import { ByteReader, ByteWriter, compareText } from '../base/bytes.ts';
import type { NodeName } from '../base/ids.ts';
import { decodeSmallRow, encodeSmallRow } from '../core/rows/small-row.ts';
import type { OwedHints } from '../ports/overview.ts';
import type { Entry, Operation, Store } from '../ports/store.ts';
import type { Ledger } from './committer.ts';
import { type HintPlace, hintKey, hintRange, readHintKey } from './layout.ts';
import { scanAll } from './scan-all.ts';

/** A note as it lies in the store. */
export interface Note extends HintPlace {
  /** When it was written, milliseconds since 1970. */
  readonly atMs: number;
  /** Of its key and value. */
  readonly bytes: number;
}

type Counted = Pick<Note, 'target' | 'atMs' | 'bytes'>;

interface Tally {
  count: number;
  /** How many are of each second; the age of the oldest is as exact. */
  readonly seconds: Map<number, number>;
  /** Undefined: to be looked for. */
  oldest: number | undefined;
}

/** A note comes or goes. */
export interface Change<N extends Counted = Counted> {
  readonly note: N;
  readonly by: 1 | -1;
}

const NO_ROWS: readonly Operation[] = [];
const SECOND_MS = 1000;

export class HintIndex implements Ledger {
  readonly #tallies = new Map<NodeName, Tally>();
  #bytes = 0;
  #count = 0;
  /** Since the last batch was closed. */
  #open: Change[] = [];
  /** Of the closed batches, oldest first. */
  readonly #closed: (readonly Change[])[] = [];

  /** @param onVoid shown the key of every entry that is no note, or no longer is */
  static async load(store: Store, onVoid: (key: Uint8Array) => void): Promise<HintIndex> {
    const index = new HintIndex();
    await scanAll(store, hintRange(), entry => {
      const note = readNote(entry);
      if (note === undefined) onVoid(entry.key);
      else index.#add(note, 1);
    });
    return index;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Those that are owed something. Sorted. */
  targets(): readonly NodeName[] {
    return [...this.#tallies.keys()].sort(compareText);
  }

  /** Sorted by target. @param nowMs milliseconds since 1970 */
  owed(nowMs: number): readonly OwedHints[] {
    return this.targets().map(target => {
      const tally = this.#tallies.get(target)!;
      return { target, count: tally.count, oldestMs: Math.max(0, nowMs - oldestOf(tally) * SECOND_MS) };
    });
  }

  /** A note has been queued, or its removal has: call it right after that (see `Committer.queue`). */
  change(note: Counted, by: 1 | -1): void {
    this.#open.push({ note, by });
    this.#add(note, by);
  }

  close(): readonly Operation[] {
    this.#closed.push(this.#open);
    this.#open = [];
    return NO_ROWS;
  }

  committed(): void {
    this.#closed.shift();
  }

  failed(): void {
    // The last one first: a note is not taken away before it has come.
    for (const { note, by } of [...this.#closed.flat(), ...this.#open].reverse()) this.#add(note, -by);
    this.#closed.length = 0;
    this.#open = [];
  }

  #add({ target, atMs, bytes }: Counted, by: number): void {
    const second = Math.floor(atMs / SECOND_MS);
    const tally = this.#tallies.get(target) ?? { count: 0, seconds: new Map(), oldest: undefined };
    tally.count += by;
    this.#count += by;
    this.#bytes += by * bytes;
    const ofSecond = (tally.seconds.get(second) ?? 0) + by;
    if (ofSecond > 0) tally.seconds.set(second, ofSecond);
    else tally.seconds.delete(second);
    if (by > 0) tally.oldest = Math.min(tally.oldest ?? oldestOf(tally), second);
    else if (ofSecond <= 0 && tally.oldest === second) tally.oldest = undefined;
    if (tally.count > 0) this.#tallies.set(target, tally);
    else this.#tallies.delete(target);
  }
}

/** The note that lies there; undefined when key and value are not what was written together. */
export function readNote({ key, value }: Entry): Note | undefined {
  const found = readHintKey(key);
  const body = decodeSmallRow({ key, value });
  if (found === undefined || body?.byteLength !== 8) return undefined;
  return { ...found, atMs: new ByteReader(body).u53(), bytes: key.byteLength + value.byteLength };
}

export function newNote(of: Pick<Note, 'target' | 'place' | 'atMs'>): Note {
  const { key, value } = noteRow(of);
  return { ...of, bytes: key.byteLength + value.byteLength };
}

export function noteRow({ target, place, atMs }: Pick<Note, 'target' | 'place' | 'atMs'>): Entry {
  const key = hintKey(target, place);
  return { key, value: encodeSmallRow({ key, body: new ByteWriter(8).u53(atMs).bytes }) };
}

function oldestOf(tally: Tally): number {
  if (tally.oldest === undefined) {
    let oldest = Number.POSITIVE_INFINITY;
    for (const second of tally.seconds.keys()) oldest = Math.min(oldest, second);
    tally.oldest = oldest;
  }
  return tally.oldest;
}
