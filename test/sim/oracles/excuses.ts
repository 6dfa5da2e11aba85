/**
 * Answers that are wrong, and nobody could have known: a primary had been rolled back, and all others were
 * restarted before they had written down what they had heard of it (ARCHITECTURE.md, "Other nodes remember
 * …"). It lasts until the node is told, or has the key again. Asked for only by whoever has an objection at
 * hand, so that each excuse is counted, and nothing else goes unjudged.
 */
import { descends } from '../../../src/core/record/version-vector.ts';
import type { Operation } from '../history.ts';
import type { Oracle } from '../oracle.ts';
import type { View } from '../view.ts';
import type { Book } from './book.ts';

export interface ExcusesParts {
  readonly book: Book;
  readonly onExcused: ((operation: Operation) => void) | undefined;
}

export class Excuses implements Oracle {
  readonly #view: View;
  readonly #parts: ExcusesParts;
  /** Ids of operations under way that began so. */
  readonly #begun = new Set<number>();

  constructor(view: View, parts: ExcusesParts) {
    this.#view = view;
    this.#parts = parts;
  }

  began({ id, key }: Operation): void {
    if (this.#mayMislead(key)) this.#begun.add(id);
  }

  /**
   * Losses meanwhile excuse by themselves (book.ts), so how it was at the beginning and is at the end says
   * all.
   */
  excuse(operation: Operation): boolean {
    const excused = this.#begun.has(operation.id) || this.#mayMislead(operation.key);
    if (excused) this.#parts.onExcused?.(operation);
    return excused;
  }

  #mayMislead(key: string): boolean {
    return this.#parts.book
      .primaries(key)
      .some(node => this.#view.isUntold(node) && this.#isBehind(node, key));
  }

  #isBehind(node: string, key: string): boolean {
    const { book } = this.#parts;
    const before = book.beforeLoss(node, key);
    return before !== undefined && !descends(book.record(node, key)?.vector ?? [], before.vector);
  }
}
