/**
 * What the cluster has promised its clients, answer by answer: all of the picture that it acknowledged or
 * showed. I1 holds while fewer than W of those that held it have lost their disks; a pledge beyond that is
 * excused for ever. A node that has it again has got over its loss.
 */
import type { Operation } from '../history.ts';
import type { Oracle } from '../oracle.ts';
import type { View } from '../view.ts';
import type { Book } from './book.ts';
import { isPast, type Picture, pictureOfReply } from './picture.ts';

export interface Pledge {
  readonly operation: Operation;
  readonly picture: Picture;
  /** How many primaries are known to have it: strict reads that meet one of them owe it. 0: none is known. */
  readonly primaries: number;
  /** A read shows what others wrote: it promises nothing but that later strict reads show it too. */
  readonly acknowledged: boolean;
  /** How many had lost it before the answer came: those never count as having got over it. */
  readonly lostBefore: number;
  readonly lostBy: Set<string>;
  excused: boolean;
}

export class Pledges implements Oracle {
  readonly #view: View;
  readonly #book: Book;
  readonly #byKey = new Map<string, Pledge[]>();

  constructor(view: View, book: Book) {
    this.#view = view;
    this.#book = book;
  }

  /** In the order of the answers. */
  of(key: string): readonly Pledge[] {
    return this.#byKey.get(key) ?? [];
  }

  ended(operation: Operation): void {
    const pledge = this.#pledgeOf(operation);
    if (pledge === undefined) return;
    const known = this.#byKey.get(operation.key);
    if (known) known.push(pledge);
    else this.#byKey.set(operation.key, [pledge]);
  }

  /** Judges anew who is excused. */
  lost(node: string): void {
    for (const key of this.#view.keys) {
      for (const pledge of this.of(key)) if (this.#loses(pledge, node)) this.#judge(pledge);
    }
  }

  #pledgeOf(operation: Operation): Pledge | undefined {
    const { key, kind, reply, strict, quorum } = operation;
    if (reply === undefined) return undefined;
    const { answered, fallback, unrepaired } = reply.replicas;
    const acknowledged = kind !== 'get';
    if (!acknowledged && (!strict || unrepaired > 0)) return undefined;
    const picture = pictureOfReply(reply, this.#view.place(key));
    const primaries = acknowledged ? answered - fallback : quorum;
    const sure = primaries >= quorum && !this.#book.lossDuring(operation);
    const holders = this.#view.nodes.filter(node => this.#has(node, { operation, picture }));
    const lostBefore = Math.max(0, (acknowledged ? answered : quorum) - holders.length);
    const excused = lostBefore >= quorum;
    return {
      operation,
      picture,
      primaries: sure ? primaries : 0,
      acknowledged,
      lostBefore,
      lostBy: new Set(),
      excused,
    };
  }

  #loses(pledge: Pledge, node: string): boolean {
    const { key } = pledge.operation;
    const before = this.#book.beforeLoss(node, key);
    if (!isPast(before, pledge.picture, this.#book.history(key)) || this.#has(node, pledge)) return false;
    pledge.lostBy.add(node);
    return true;
  }

  #judge(pledge: Pledge): void {
    const without = [...pledge.lostBy].filter(node => !this.#has(node, pledge));
    pledge.excused ||= pledge.lostBefore + without.length >= pledge.operation.quorum;
  }

  /** Also a stand-in that had it, and was rid of it once every owner did: that is no loss. */
  #has(node: string, { operation: { key }, picture }: Pick<Pledge, 'operation' | 'picture'>): boolean {
    const held = [this.#book.record(node, key), this.#book.removed(node, key)];
    return held.some(record => isPast(record, picture, this.#book.history(key)));
  }
}
