/** First in, first out, without moving all that is left each time. */

const MOVED_AT = 1_024;

export class Fifo<T> {
  #items: T[] = [];
  #first = 0;

  add(item: T): void {
    this.#items.push(item);
  }

  /** Undefined when there is none. */
  take(): T | undefined {
    const item = this.#items[this.#first];
    if (item === undefined) return undefined;
    this.#first += 1;
    if (this.#first === MOVED_AT) {
      this.#items = this.#items.slice(MOVED_AT);
      this.#first = 0;
    }
    return item;
  }
}
