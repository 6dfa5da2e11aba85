/**
 * Who is said to stand behind an answer does (I4, I5): so many different nodes hold durably what a write
 * acknowledges, so many of them primaries; so many hold what a read shows. A disk that has lost it since had
 * it all the same.
 */
import type { Operation } from '../history.ts';
import { type Oracle, Violation } from '../oracle.ts';
import type { View } from '../view.ts';
import type { Book } from './book.ts';
import { isPast, pictureOfReply } from './picture.ts';
import { nameOf } from './words.ts';

/** How many nodes hold it, and how many primaries among them. */
interface Holders {
  readonly nodes: number;
  readonly primaries: number;
}

export class Durability implements Oracle {
  readonly #view: View;
  readonly #book: Book;

  constructor(view: View, book: Book) {
    this.#view = view;
    this.#book = book;
  }

  ended(operation: Operation): void {
    if (operation.reply === undefined) return;
    this.#checkFigures(operation);
    const objection = this.#objection(operation);
    if (objection === undefined) return;
    this.#book.lookAgain(operation.key);
    if (this.#objection(operation) !== undefined)
      throw new Violation('I4', `${nameOf(operation)} ${objection}`, { key: operation.key });
  }

  #checkFigures(operation: Operation): void {
    const { strict, quorum, key } = operation;
    const { required, answered, fallback } = operation.reply!.replicas;
    const counted = strict ? answered - fallback : answered;
    const most = strict ? this.#view.replication : this.#view.nodes.length;
    const sound = required === quorum && counted >= required && answered <= most && !(strict && fallback > 0);
    if (sound) return;
    const figures = `${answered} answers, ${fallback} of them stand-ins', for ${required}`;
    throw new Violation(
      'I5',
      `${nameOf(operation)}${strict ? ', strict,' : ''} was answered with ${figures}`,
      {
        key,
      },
    );
  }

  #objection(operation: Operation): string | undefined {
    const { kind, strict } = operation;
    const { required, answered, fallback, unrepaired } = operation.reply!.replicas;
    const held = this.#holders(operation);
    const repaired = required - unrepaired;
    const owed =
      kind === 'get'
        ? { nodes: repaired, primaries: strict ? repaired : 0 }
        : { nodes: answered, primaries: answered - fallback };
    if (held.nodes >= owed.nodes && held.primaries >= owed.primaries) return undefined;
    return `is held by ${held.nodes} nodes, ${held.primaries} primaries; owed are ${owed.nodes} and ${owed.primaries}`;
  }

  #holders({ key, reply }: Operation): Holders {
    const picture = pictureOfReply(reply!, this.#view.place(key));
    const history = this.#book.history(key);
    const holders = this.#view.nodes.filter(node =>
      this.#book.everHeld(node, key).some(record => isPast(record, picture, history)),
    );
    const primaries = this.#book.primaries(key);
    return { nodes: holders.length, primaries: holders.filter(node => primaries.includes(node)).length };
  }
}
