/** What has come of what was offered. */
import type { Came } from './offered.ts';

const SAMPLES_MAX = 4_000_000;

export class Tally {
  readonly #begun = performance.now();
  readonly #ms = new Float32Array(SAMPLES_MAX);
  readonly #refused = new Map<string, number>();
  readonly #eachSecond: number[] = [];
  #accepted = 0;
  sent = 0;
  heldBack = 0;

  accepted(sentAt: number): void {
    const now = performance.now();
    this.#ms[this.#accepted % SAMPLES_MAX] = now - sentAt;
    this.#accepted += 1;
    const second = Math.floor((now - this.#begun) / 1000);
    this.#eachSecond[second] = (this.#eachSecond[second] ?? 0) + 1;
  }

  refused(reason: string): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }

  came(): Came {
    const sorted = this.#ms.slice(0, Math.min(this.#accepted, SAMPLES_MAX)).sort();
    const percentile = (part: number) =>
      sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
    const seconds = (performance.now() - this.#begun) / 1000;
    return {
      seconds,
      sent: this.sent,
      heldBack: this.heldBack,
      accepted: this.#accepted,
      refused: Object.fromEntries(this.#refused),
      eachSecond: Array.from({ length: Math.floor(seconds) }, (_, second) => this.#eachSecond[second] ?? 0),
      p50Ms: percentile(0.5),
      p99Ms: percentile(0.99),
    };
  }
}
