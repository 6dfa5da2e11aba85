/**
 * What is to happen, by time; of two events at one time the one that was scheduled first comes first (I13). A
 * binary heap (Williams 1964). A cancelled event stays until its turn, or until more than half of all are
 * such: most timers are deadlines, and most deadlines are cancelled.
 */
export interface Event {
  readonly at: number;
  /** 1, 2, 3 …: in the order of scheduling. */
  readonly number: number;
  /** Undefined once it is cancelled. */
  action: (() => void) | undefined;
}

/** Fewer dead events than that are not worth a sweep. */
const DEAD_MIN = 256;

export class EventHeap {
  #events: Event[] = [];
  #dead = 0;

  /** How many are still to happen. */
  get size(): number {
    return this.#events.length - this.#dead;
  }

  add(event: Event): void {
    this.#events.push(event);
    this.#rise(this.#events.length - 1);
  }

  cancel(event: Event): void {
    event.action = undefined;
    this.#dead += 1;
    if (this.#dead > DEAD_MIN && this.#dead > this.#events.length / 2) this.#sweep();
  }

  /** Takes out the next event that is due by then; undefined when there is none. */
  take(by: number): Event | undefined {
    for (;;) {
      const first = this.#events[0];
      if (first === undefined || (first.at > by && first.action !== undefined)) return undefined;
      this.#removeFirst();
      if (first.action !== undefined) return first;
      this.#dead -= 1;
    }
  }

  #removeFirst(): void {
    const last = this.#events.pop()!;
    if (this.#events.length === 0) return;
    this.#events[0] = last;
    this.#sink(0);
  }

  #sweep(): void {
    this.#events = this.#events.filter(({ action }) => action !== undefined);
    this.#dead = 0;
    for (let i = (this.#events.length >> 1) - 1; i >= 0; i -= 1) this.#sink(i);
  }

  #rise(from: number): void {
    const events = this.#events;
    const event = events[from]!;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(events[parent]!, event)) break;
      events[at] = events[parent]!;
      at = parent;
    }
    events[at] = event;
  }

  #sink(from: number): void {
    const events = this.#events;
    const event = events[from]!;
    let at = from;
    for (;;) {
      const child = this.#earlierChild(at);
      if (child === undefined || isBefore(event, events[child]!)) break;
      events[at] = events[child]!;
      at = child;
    }
    events[at] = event;
  }

  #earlierChild(at: number): number | undefined {
    const left = 2 * at + 1;
    if (left >= this.#events.length) return undefined;
    const right = left + 1;
    return right < this.#events.length && isBefore(this.#events[right]!, this.#events[left]!) ? right : left;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.number < b.number);
}
