/**
 * Calls for which there is no room yet: all nodes in question have as much under way from this client as may
 * be. First come, first served.
 *
 * Why a queue, and not a refusal: a program that begins ten thousand reads at once and waits for all of them
 * is an ordinary program, and the nodes can well do them, only not in one moment. Each waits as long as its
 * own deadline allows. Why it has a bound all the same (I10; TRAPS O1): a program that begins calls faster
 * than the cluster answers them, for ever, must hear of it while there is memory left to hear with.
 */
import type { Course } from './course.ts';

/** About 1 KiB each. */
export const WAITING_CALLS_MAX = 32_768;
const MIB = 1024 * 1024;
export const WAITING_BYTES_MAX = 64 * MIB;
/**
 * How far behind the first is looked for one that there is room for, when the nodes of the first are hung.
 */
const LOOK_AHEAD = 32;

export class Waiting {
  readonly #courses = new Set<Course>();
  #bytes = 0;

  get size(): number {
    return this.#courses.size;
  }

  has(course: Course): boolean {
    return this.#courses.has(course);
  }

  /** @returns false when there are too many already */
  add(course: Course): boolean {
    const { bodyBytes } = course;
    const fits = this.#bytes + bodyBytes <= WAITING_BYTES_MAX || this.#courses.size === 0;
    if (this.#courses.size >= WAITING_CALLS_MAX || !fits) return false;
    this.#courses.add(course);
    this.#bytes += bodyBytes;
    return true;
  }

  delete(course: Course): void {
    if (this.#courses.delete(course)) this.#bytes -= course.bodyBytes;
  }

  /** @param begins takes out those that can begin, and is asked from the front */
  admit(begins: (course: Course) => boolean): void {
    let passedOver = 0;
    for (const course of this.#courses) {
      if (!begins(course)) passedOver += 1;
      if (passedOver >= LOOK_AHEAD) return;
    }
  }

  /** Takes out those whose time has passed. */
  expired(now: number): readonly Course[] {
    const expired = [...this.#courses].filter(({ deadline }) => deadline <= now);
    for (const course of expired) this.delete(course);
    return expired;
  }
}
