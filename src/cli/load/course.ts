/**
 * When a run is over: after its time, after its operations, or when it is told to end. Warm-up counts towards
 * neither. Pure.
 */
import type { Ending } from './figures.ts';

export interface CourseOptions {
  /** The measured part: milliseconds on the clock of the operations; `until` may be Infinity. */
  readonly from: number;
  readonly until: number;
  /** That may begin in it; may be Infinity. */
  readonly operations: number;
  readonly stop: { readonly told: boolean };
}

export class Course {
  readonly #options: CourseOptions;
  #begun = 0;

  constructor(options: CourseOptions) {
    this.#options = options;
  }

  /** Whether an operation that would begin at this time must not; with why. */
  over(at: number): Ending | undefined {
    const { until, operations, stop } = this.#options;
    if (stop.told) return 'told to';
    if (at >= until) return 'time';
    return this.#begun >= operations ? 'operations' : undefined;
  }

  /** One begins. */
  begins(at: number): void {
    if (at >= this.#options.from) this.#begun += 1;
  }
}
