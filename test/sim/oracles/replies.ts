/**
 * What a reply says is sound in itself: it shows only writes that somebody asked for under this key (I12), and its context covers no write that it
 * does not show, unless somebody replaced that (I2); and all that it shows, so that who writes with it takes that out (I9).
 */
import type { Operation } from '../history.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';
import type { Book } from './book.ts';
import { unjustified } from './justified.ts';
import { type Picture, pictureOfReply } from './picture.ts';
import { nameOf, nameOfWrite } from './words.ts';

export class Replies implements Oracle {
  readonly #view: View;
  readonly #book: Book;

  constructor(view: View, book: Book) {
    this.#view = view;
    this.#book = book;
  }

  ended(operation: Operation): void {
    if (operation.reply === undefined) return;
    const { key, reply } = operation;
    const history = this.#book.history(key);
    const stranger = [...reply.shown].find(write => history.put(write) === undefined);
    if (stranger !== undefined)
      throw new Violation('I12', `${nameOf(operation)} shows ${nameOfWrite(stranger, history)}`, { key });
    this.#checkContext(operation, pictureOfReply(reply, this.#view.place(key)));
  }

  #checkContext(operation: Operation, picture: Picture): void {
    const { key } = operation;
    const history = this.#book.history(key);
    const found = () => unjustified(picture, history.covered(picture.vector, []), history);
    if (found() === undefined) return;
    this.#book.lookAgain(key);
    const missing = found();
    if (missing === undefined) return;
    throw new Violation(
      'I2',
      `${nameOf(operation)} covers ${nameOfWrite(missing, history)} and does not show it`,
      { key },
    );
  }
}
