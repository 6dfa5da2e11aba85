/**
 * What is removed on a confirmation was confirmed, and has not changed since (I8): when a commit takes a note
 * (target, key) off a disk, the target's durable row has taken in what the holder's held; when it takes off a
 * row of a partition that the node does not own, every owner's has, and no note of the key is left beside it;
 * and a row of its own is never taken off.
 *
 * Held to is what the row was before the batch: what came into it with the same batch may have come after the
 * removal, and has notes of its own. Two things excuse a removal, and each is counted: the target had it, and
 * its disk has lost it since; or it grew too old, and the node counted that.
 */
import { byteText } from '../../../src/base/bytes.ts';
import { merge, type Record } from '../../../src/core/record/record.ts';
import type { Operation as StoreOperation } from '../../../src/ports/store.ts';
import { dataKey } from '../../../src/replica/layout.ts';
import { type Note, readNote } from '../notes.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';
import type { Book } from './book.ts';

export interface RemovalsParts {
  readonly book: Book;
  readonly onExcused: ((why: string) => void) | undefined;
}

const NOTE = 'h'.charCodeAt(0);
const ROW = 'r'.charCodeAt(0);
/** The other cap, of bytes, lets no note in. */
const DROPPED = 'hint.dropped.age';

/** Told of a commit before the book: what that says of the node's own rows is what they were until then. */
export class Removals implements Oracle {
  readonly #view: View;
  readonly #parts: RemovalsParts;
  /** By the key (latin1) of their row. */
  readonly #names: ReadonlyMap<string, string>;
  /** By node: how many notes grew too old, as far as that was seen on the disk. */
  readonly #dropped = new Map<string, number>();

  constructor(view: View, parts: RemovalsParts) {
    this.#view = view;
    this.#parts = parts;
    this.#names = new Map(view.keys.map(key => [byteText(dataKey(view.place(key))), key]));
  }

  committed(node: string, batch: readonly StoreOperation[]): void {
    for (const { key, value } of batch) {
      const note = key[0] === NOTE ? readNote(key) : undefined;
      const row = key[0] === ROW ? this.#names.get(byteText(key)) : undefined;
      if (note && !value) this.#noteRemoved(node, note);
      if (row !== undefined && !value) this.#rowRemoved(node, { key: row, batch });
    }
  }

  #noteRemoved(node: string, { target, key }: Note): void {
    const held = this.#heldBefore(node, key);
    if (held === undefined || this.#isCovered(target, { key, held })) return;
    if (this.#wasDropped(node)) return;
    throw new Violation('I8', `${node} is rid of its note for ${target}, which has not got the record`, {
      key,
    });
  }

  #rowRemoved(node: string, { key, batch }: { key: string; batch: readonly StoreOperation[] }): void {
    const owners = this.#view.primaries(key);
    if (owners.includes(node)) throw new Violation('I8', `${node} removes a row that it owns`, { key });
    const held = this.#heldBefore(node, key);
    const without = held && owners.find(owner => !this.#isCovered(owner, { key, held }));
    if (without !== undefined)
      throw new Violation('I8', `${node} is rid of a record that ${without}, an owner, has not got`, { key });
    const left = this.#view.notes(node).find(note => note.key === key && !isWritten(note, batch));
    if (left === undefined) return;
    throw new Violation('I8', `${node} is rid of a record, and not of its note for ${left.target}`, { key });
  }

  /** Undefined: there was nothing. What can no longer be read is owed all the same. */
  #heldBefore(node: string, key: string): Record | undefined {
    const { book } = this.#parts;
    const damaged = this.#view.row(node, key) === 'damaged';
    return book.record(node, key) ?? (damaged ? book.beforeLoss(node, key) : undefined);
  }

  #isCovered(node: string, { key, held }: { key: string; held: Record }): boolean {
    const row = this.#view.row(node, key);
    if (row !== undefined && row !== 'damaged' && contains(row.sealed.record, held)) return true;
    const { book, onExcused } = this.#parts;
    const hadIt = book.everHeld(node, key).some(record => record !== undefined && contains(record, held));
    if (hadIt) onExcused?.('handed off, and lost since');
    return hadIt;
  }

  #wasDropped(node: string): boolean {
    const seen = this.#dropped.get(node) ?? 0;
    if (seen >= this.#view.counted(DROPPED, node)) return false;
    this.#dropped.set(node, seen + 1);
    this.#parts.onExcused?.('a note dropped for its age');
    return true;
  }
}

/** It came with this very batch, after the removal. */
function isWritten({ target, key }: Note, batch: readonly StoreOperation[]): boolean {
  return batch.some(({ key: stored, value }) => {
    const note = value && stored[0] === NOTE ? readNote(stored) : undefined;
    return note?.target === target && note.key === key;
  });
}

/** To merge the other in changes nothing. */
function contains(record: Record, other: Record): boolean {
  return merge(record, other) === record;
}
