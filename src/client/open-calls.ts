/**
 * The calls of one client that have no end yet, under way or waiting: how many they are, and may be (I10),
 * when there are none, and which end by a signal of the program.
 */
import type { Course } from './course.ts';
import { Signals } from './signals.ts';

const CALLS_MAX = 65_536;

export class OpenCalls {
  readonly #signals = new Signals();
  #size = 0;
  #onNone: () => void = () => {};

  get size(): number {
    return this.#size;
  }

  get full(): boolean {
    return this.#size >= CALLS_MAX;
  }

  add(course: Course): void {
    this.#size += 1;
    const { signal } = course.order;
    if (signal) this.#signals.add(signal, course);
  }

  delete(course: Course): void {
    this.#size -= 1;
    const { signal } = course.order;
    if (signal) this.#signals.delete(signal, course);
    if (this.#size === 0) this.#onNone();
  }

  /** Until there are none. To be asked for once. */
  async ended(): Promise<void> {
    if (this.#size === 0) return;
    await new Promise<void>(resolve => {
      this.#onNone = resolve;
    });
  }
}
