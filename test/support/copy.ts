/**
 * One replica's copy of one key, run by hand: for stories about records that need no engine. Values are
 * words, and so are write ids.
 */
import { Buffer } from 'node:buffer';
import { digest } from '../../src/base/hash.ts';
import { type Incarnation, type WriteId, writeId } from '../../src/base/ids.ts';
import { mint } from '../../src/core/record/minting.ts';
import {
  merge,
  type NewWrite,
  NOTHING,
  overwrite,
  overwriteUnseen,
  put,
  type Record,
  remove,
  type Seen,
  type Sibling,
  seenOf,
  view,
} from '../../src/core/record/record.ts';
import type { Birth } from '../../src/core/rows/row.ts';

/** What a client that has read nothing has seen. */
export const BLIND: Seen = { vector: [], writes: [] };

/** The write id that stands for this word. */
export function idOf(word: string): WriteId {
  return writeId(digest(Buffer.from(word)));
}

export class Copy {
  /** Every write has a time later than all before it, whoever makes it. */
  static #time = 0;
  record: Record = NOTHING;
  readonly #name: string;
  #birth: Birth | undefined;
  /** What the birth becomes if the write that was just named is stored. */
  #born: Birth | undefined;
  #starts = 0;
  #counter = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** The values that a reply shows, sorted. */
  get shows(): readonly string[] {
    return view(this.record).map(textOf).sort();
  }

  /** What a reader of this copy has seen. */
  get seen(): Seen {
    return seenOf(this.record);
  }

  /** A retry bears the id of its write and the value with it. */
  put(word: string, seen: Seen = BLIND): void {
    this.#become(put(this.record, { seen, write: this.#write(word) }));
  }

  overwrite(word: string): void {
    this.#become(overwrite(this.record, this.#write(word)));
  }

  overwriteUnseen(word: string | undefined, unseen: readonly Sibling[]): void {
    const own = word === undefined ? undefined : idOf(word);
    this.#become(overwriteUnseen(this.record, { own, unseen, freshDot: () => this.#write('').dot }));
  }

  delete(seen: Seen = this.seen): void {
    this.record = remove(this.record, seen);
  }

  merge(...others: readonly { readonly record: Record }[]): void {
    for (const other of others) this.record = merge(this.record, other.record);
  }

  /** The row goes, and its birth with it; the process lives on. */
  loseRow(): void {
    this.record = NOTHING;
    this.#birth = undefined;
  }

  /** A start after anything but a clean stop: a new incarnation. */
  crash(): void {
    this.#starts++;
    this.#counter = 0;
  }

  #write(word: string): NewWrite {
    const incarnation = `${this.#name}${this.#starts}`.padEnd(8, '.') as Incarnation;
    const { dot, birth } = mint(this.#birth, { incarnation, counter: ++this.#counter });
    this.#born = birth;
    return { writeId: idOf(word), value: Buffer.from(word), dot, writtenAt: ++Copy.#time };
  }

  #become(after: Record): void {
    if (after === this.record) return;
    this.record = after;
    this.#birth = this.#born;
  }
}

export function textOf({ value }: Sibling): string {
  return Buffer.from(value).toString();
}
