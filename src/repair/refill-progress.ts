/**
 * How far a refill is (repair/refill), for whoever watches it. What it brought stays told when it has ended,
 * so that those who look now and then see the last of it, too. Decides nothing.
 */
import type { Partition } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Refilling } from '../ports/overview.ts';
import type { Located } from '../ports/replica.ts';

export class RefillProgress {
  readonly #clock: Clock;
  /** Undefined while none runs. */
  #beganAt: number | undefined;
  #records = 0;
  #bytes = 0;
  #finished = 0;
  /** Those whose last try was in vain. */
  readonly #failed = new Set<Partition>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(): void {
    this.#beganAt = this.#clock.now();
    this.#records = 0;
    this.#bytes = 0;
    this.#finished = 0;
    this.#failed.clear();
  }

  /** These were merged here. */
  brought(records: readonly Located[]): void {
    this.#records += records.length;
    this.#bytes += records.reduce((sum, { record }) => sum + record.bytes.byteLength, 0);
  }

  /** @param isFinished it is merged with every other owner */
  tried(partition: Partition, isFinished: boolean): void {
    if (isFinished) this.#finished += 1;
    if (isFinished) this.#failed.delete(partition);
    else this.#failed.add(partition);
  }

  end(): void {
    this.#beganAt = undefined;
  }

  /** @param partitionsLeft so many are marked */
  told(partitionsLeft: number): Refilling {
    const tookMs = this.#beganAt === undefined ? 0 : this.#clock.now() - this.#beganAt;
    return {
      records: this.#records,
      bytes: this.#bytes,
      tookMs,
      leftMs: this.#isForeseeable ? (tookMs / this.#finished) * partitionsLeft : undefined,
    };
  }

  /** An owner that cannot be asked keeps partitions waiting, and nobody knows for how long. */
  get #isForeseeable(): boolean {
    return this.#beganAt !== undefined && this.#finished > 0 && this.#failed.size === 0;
  }
}
