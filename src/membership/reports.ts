/** Says a thing once: greetings repeat, and so does what is wrong with them. */
import type { Facts, Log } from '../ports/log.ts';

/** So many are told apart; what comes after is noise, perhaps meant as such. */
const REPORTS_MAX = 100;

export class Reports {
  readonly #log: Log;
  readonly #told = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  warn(event: string, facts: Facts): void {
    const text = JSON.stringify([event, facts]);
    if (this.#told.has(text) || this.#told.size >= REPORTS_MAX) return;
    this.#told.add(text);
    this.#log.warn(event, facts);
  }
}
