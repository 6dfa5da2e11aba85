/**
 * Tells an operator why a link ended that was open and did not end in good order: counted each time, logged
 * once per second for each other side and reason, because who is cut comes back.
 */
import type { Clock } from '../ports/clock.ts';
import type { DuplexEnd } from '../ports/duplex.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';

export interface LinkReportsOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
}

const EVERY_MS = 1000;
/** So many are told apart within a second; what comes after is noise, perhaps meant as such. */
const TOLD_MAX = 100;

export class LinkReports {
  readonly #options: LinkReportsOptions;
  readonly #told = new Set<string>();
  #since = Number.NEGATIVE_INFINITY;

  constructor(options: LinkReportsOptions) {
    this.#options = options;
  }

  /** @param peer the other side's address */
  cut(peer: string, { status, why }: DuplexEnd): void {
    if (status === 0) return;
    this.#options.metrics?.count('link.cut');
    if (this.#isNew(`${peer} ${status} ${why}`))
      this.#options.log.warn('a link was cut', { peer, status, why });
  }

  #isNew(text: string): boolean {
    const now = this.#options.clock.now();
    if (now - this.#since >= EVERY_MS) {
      this.#since = now;
      this.#told.clear();
    }
    if (this.#told.has(text) || this.#told.size >= TOLD_MAX) return false;
    this.#told.add(text);
    return true;
  }
}
