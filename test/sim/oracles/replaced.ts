/**
 * What a client says it has seen is replaced by what it writes (I9; Dynamo §4.4): a put or delete with a
 * context leaves nothing standing of what that context showed, neither in its own reply nor beside it in any
 * row. Later strict reads owe the same, by the vector of that reply (strict-reads.ts).
 *
 * A write that may have been carried out twice is left out: a twin comes under a dot that the context does
 * not cover, and is known by a list that is cut.
 */
import type { WriteId } from '../../../src/base/ids.ts';
import { compareDots } from '../../../src/core/record/version-vector.ts';
import type { Operation } from '../history.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { Book, RowChange } from './book.ts';
import { nameOf, nameOfWrite } from './words.ts';

export class Replaced implements Oracle {
  readonly #book: Book;

  constructor(book: Book) {
    this.#book = book;
    book.onChange(change => this.#changed(change));
  }

  ended(operation: Operation): void {
    const { reply, key } = operation;
    if (reply === undefined) return;
    const left = this.#leftOf(operation, reply.shown);
    if (left === undefined) return;
    const what = `${nameOf(operation)} shows ${nameOfWrite(left, this.#book.history(key))}, which it replaced`;
    throw new Violation('I9', what, { key });
  }

  #changed({ node, key, before, after }: RowChange): void {
    const history = this.#book.history(key);
    const standing = new Set(after.siblings.map(({ writeId }) => writeId));
    for (const { dot, writeId } of after.siblings) {
      if (before?.siblings.some(known => compareDots(known.dot, dot) === 0)) continue;
      const put = history.put(writeId);
      const left = put && this.#leftOf(put, standing);
      if (left === undefined) continue;
      const both = `${nameOf(put!)} and ${nameOfWrite(left, history)}, which it replaced`;
      throw new Violation('I9', `in a row of ${node} stand ${both}`, { key });
    }
  }

  /** Of what its client had been shown, what stands all the same. */
  #leftOf({ sight, writeId, key }: Operation, standing: ReadonlySet<WriteId>): WriteId | undefined {
    const history = this.#book.history(key);
    return [...sight].find(write => write !== writeId && standing.has(write) && !history.mayHaveTwins(write));
  }
}
