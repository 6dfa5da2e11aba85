/**
 * The way to one node for background work with it: as many batches at once, as large and as often as clients
 * leave room for (core/overload/yielding), each with a deadline (I10). A node that fails a batch is left
 * alone for a while, up to {@link BACK_OFF_MS_MAX}; others do not wait for it.
 */
import type { NodeName } from '../base/ids.ts';
import type { Speed } from '../core/overload/yielding.ts';
import type { Call } from '../ports/call.ts';
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Peers } from '../ports/peers.ts';
import { type Located, ReplicaFailed } from '../ports/replica.ts';
import type { Courtesy } from './courtesy.ts';

export interface LaneParts {
  readonly target: NodeName;
  readonly peers: Peers;
  readonly courtesy: Courtesy;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** Far more than any batch takes; a stopped node is known to be down before. */
const BATCH_MS_MAX = 5_000;
const BACK_OFF_MS_FIRST = 100;
const BACK_OFF_MS_MAX = 2_000;

export class Lane {
  readonly #parts: LaneParts;
  #underWay = 0;
  #nextAt = 0;
  #backOffMs = 0;
  #restsUntil = 0;
  /** Who waits for a turn, and looks again when called. */
  #waiting: (() => void)[] = [];

  constructor(parts: LaneParts) {
    this.#parts = parts;
  }

  /** It may be tried: believed to answer, and not just after a failure. */
  get open(): boolean {
    const { peers, target } = this.#parts;
    return this.restMs === 0 && peers.reachable(target);
  }

  /** How long it is still left alone after a failure. */
  get restMs(): number {
    return Math.max(0, this.#restsUntil - this.#parts.clock.now());
  }

  /** It is known to be back. */
  wake(): void {
    this.#backOffMs = 0;
    this.#restsUntil = 0;
    this.#nextAt = 0;
    this.#callAll();
  }

  /** Resolves when the next batch may go, with how much it may be. */
  async ready(): Promise<Speed> {
    for (let ms = this.#waitMs; ms > 0; ms = this.#waitMs) await this.#news(ms);
    return this.#parts.courtesy.speed;
  }

  /**
   * Until the next batch may go; Infinity: until one ends. From one look at the clock. With two: 1. the first
   * finds the pause not over, by a microsecond; 2. the second finds nothing left to wait for, and no timer is
   * set; 3. no batch is under way whose end would wake it: nothing is handed off to that node any more.
   */
  get #waitMs(): number {
    const { clock, courtesy } = this.#parts;
    if (this.#underWay >= courtesy.speed.inFlightMax) return Number.POSITIVE_INFINITY;
    return Math.max(courtesy.quietMs, this.#nextAt - clock.now());
  }

  /** Resolves when a batch ends, so many milliseconds have passed, or the target is back. */
  #news(ms: number): Promise<void> {
    const { clock } = this.#parts;
    return new Promise(resolve => {
      const timer = Number.isFinite(ms) ? clock.after(ms, resolve) : undefined;
      this.#waiting.push(() => {
        timer?.cancel();
        resolve();
      });
    });
  }

  #callAll(): void {
    for (const call of this.#waiting.splice(0)) call();
  }

  /**
   * Sends them when it is their turn; resolves with whether each is held there, durably. Rejects with
   * ReplicaFailed.
   */
  async send(records: readonly Located[]): Promise<readonly boolean[]> {
    const { peers, target, metrics } = this.#parts;
    try {
      const { held } = await this.turn(call => peers.replica(target).handOff(records, call));
      this.#tell(held);
      return held;
    } catch (error) {
      metrics.count('handoff.failed', records.length);
      throw error;
    }
  }

  /** Does this when it is its turn; rejects with what it rejects with, and then rests. */
  async turn<T>(work: (call: Call) => Promise<T>): Promise<T> {
    const { clock, courtesy } = this.#parts;
    // Another may have gone first since it was told.
    while (this.#waitMs > 0) await this.ready();
    this.#underWay += 1;
    courtesy.began();
    const began = clock.now();
    try {
      const answer = await work({ deadline: began + BATCH_MS_MAX, cancelled: false });
      this.#backOffMs = 0;
      return answer;
    } catch (error) {
      this.#failed(error);
      throw error;
    } finally {
      this.#underWay -= 1;
      this.#nextAt = Math.max(this.#nextAt, clock.now() + courtesy.ended(clock.now() - began));
      this.#callAll();
    }
  }

  #tell(held: readonly boolean[]): void {
    const { metrics } = this.#parts;
    const taken = held.filter(Boolean).length;
    if (taken > 0) metrics.count('handoff.records', taken);
    if (taken < held.length) metrics.count('handoff.failed', held.length - taken);
  }

  #failed(error: unknown): void {
    const { clock, courtesy } = this.#parts;
    if (error instanceof ReplicaFailed && error.failure === 'overloaded') courtesy.overloaded();
    this.#backOffMs = Math.min(Math.max(this.#backOffMs * 2, BACK_OFF_MS_FIRST), BACK_OFF_MS_MAX);
    this.#restsUntil = clock.now() + this.#backOffMs;
    this.#nextAt = this.#restsUntil;
  }
}
