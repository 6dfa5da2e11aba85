/**
 * What a reply says is sound in itself: it shows only writes that somebody asked for under this key (I12),
 * and its context covers no write that it does not show, unless somebody replaced that (I2).
 */
import { descends } from '../../../src/core/record/version-vector.ts';
import type { Operation } from '../history.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';
import type { Book } from './book.ts';
import { unjustified } from './justified.ts';
import { BLANK, type Picture, pictureOfReply } from './picture.ts';
import { nameOf, nameOfWrite } from './words.ts';

const REMEMBERED_MAX = 4;

export class Replies implements Oracle {
  readonly #view: View;
  readonly #book: Book;
  /** By key: the pictures found sound last, newest first. */
  readonly #sound = new Map<string, readonly Picture[]>();

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

  #checkContext(operation: Operation, after: Picture): void {
    const { key } = operation;
    const history = this.#book.history(key);
    const before = this.#soundBefore(key, after);
    const found = () => unjustified({ before, after }, history);
    if (found() === undefined) {
      this.#remember(key, after);
      return;
    }
    this.#book.lookAgain(key);
    const missing = found();
    if (missing === undefined) return;
    throw new Violation(
      'I2',
      `${nameOf(operation)} covers ${nameOfWrite(missing, history)} and does not show it`,
      {
        key,
      },
    );
  }

  #soundBefore(key: string, { vector }: Picture): Picture {
    return this.#sound.get(key)?.find(picture => descends(vector, picture.vector)) ?? BLANK;
  }

  #remember(key: string, picture: Picture): void {
    this.#sound.set(key, [picture, ...(this.#sound.get(key) ?? [])].slice(0, REMEMBERED_MAX));
  }
}
