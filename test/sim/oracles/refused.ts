/**
 * What is said not to be applied never is (DESIGN §9): a put of which every try was refused so stands in no
 * row and in no reply, then or later. One try with an unknown outcome is enough to let it in. Deletes leave
 * nothing by which to know them.
 */
import type { Operation } from '../history.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { Book, RowChange } from './book.ts';
import { nameOf } from './words.ts';

export class Refused implements Oracle {
  readonly #book: Book;

  constructor(book: Book) {
    this.#book = book;
    book.onChange(change => this.#changed(change));
  }

  ended(operation: Operation): void {
    const { key, writeId, reply } = operation;
    const history = this.#book.history(key);
    if (writeId !== undefined && isRefused(operation)) {
      if (history.mintings(writeId).length > 0) throw applied(operation, 'and lies on a disk');
    }
    for (const write of reply?.shown ?? []) {
      const put = history.put(write);
      if (put && isRefused(put)) throw applied(put, `and ${nameOf(operation)} shows it`);
    }
  }

  #changed({ node, key, before, after }: RowChange): void {
    for (const { writeId } of after.siblings) {
      if (before?.siblings.some(known => known.writeId === writeId)) continue;
      const put = this.#book.history(key).put(writeId);
      if (put && isRefused(put)) throw applied(put, `and stands in a row of ${node}`);
    }
  }
}

function isRefused({ ended }: Operation): boolean {
  return ended === 'not applied';
}

/** I1 read from its other end: what is told about a write is so. */
function applied(put: Operation, where: string): Violation {
  return new Violation('I1', `${nameOf(put)} is said not to be applied, ${where}`, { key: put.key });
}
