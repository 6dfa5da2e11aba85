/**
 * Goes through everything on this node's disk, slowly and without end (DESIGN §7; what it looks for is
 * src/replica/scrub's to say): one step at a time, and then a pause that is as long as the step's rows and
 * bytes are worth. Where it is, is kept in memory: a restart begins anew. What cannot be read is passed over,
 * partition by partition, and tried by the next pass. Ends when the node drains or its disk fails; never
 * throws.
 */
import { passOnBugs } from '../base/assert.ts';
import { partition, segment } from '../base/ids.ts';
import { PARTITIONS } from '../core/ring/placement.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { SegmentPlace } from '../ports/comparisons.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Scrubbed, Scrubbing } from '../ports/scrubbing.ts';

export interface ScrubberParts {
  readonly scrub: Scrubbing;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A million rows in six hours, for a sixth of a per cent of a core. */
const ROWS_PER_SECOND = 48;
const BYTES_PER_SECOND = 256 * 1024;
/** A pass begins no sooner than that after the one before: a few rows need not be read all the time. */
const PASS_MS_MIN = 60_000;
/** After the start, when others have more to do. */
const FIRST_MS = 5_000;
const STEP_MS_MIN = 100;
const BEGINNING: SegmentPlace = { partition: partition(0), segment: segment(0) };

export class Scrubber {
  readonly #parts: ScrubberParts;
  #timer: Timer | undefined;
  #at = BEGINNING;
  #passBeganAt = 0;
  #ended = false;

  constructor(parts: ScrubberParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#timer === undefined) this.#again(FIRST_MS);
  }

  stop(): void {
    this.#ended = true;
    this.#timer?.cancel();
  }

  #again(ms: number): void {
    if (this.#ended || this.#parts.scrub.faulted) return;
    this.#timer = this.#parts.clock.after(ms, () => void this.#beat());
  }

  async #beat(): Promise<void> {
    const { scrub, clock } = this.#parts;
    if (this.#at === BEGINNING) this.#passBeganAt = clock.now();
    const done = await scrub.step(this.#at).catch((error: unknown) => this.#passOver(error));
    this.#again(Math.max(pauseMs(done), done.next === undefined ? this.#passed() : 0));
    this.#at = done.next ?? BEGINNING;
  }

  /** A pass has ended. @returns how long the next one is to wait */
  #passed(): number {
    this.#parts.metrics.count('scrub.passes');
    return this.#passBeganAt + PASS_MS_MIN - this.#parts.clock.now();
  }

  #passOver(error: unknown): Scrubbed {
    passOnBugs(error);
    const at = this.#at.partition;
    if (!this.#ended && !this.#parts.scrub.faulted)
      this.#parts.log.warn('a part of the store could not be verified', {
        partition: at,
        why: String(error),
      });
    const next = at + 1 < PARTITIONS ? { partition: partition(at + 1), segment: segment(0) } : undefined;
    return { rows: 0, bytes: 0, busy: 0, next };
  }
}

function pauseMs({ rows, bytes }: Scrubbed): number {
  const seconds = Math.max(rows / ROWS_PER_SECOND, bytes / BYTES_PER_SECOND);
  return Math.max(seconds * 1_000, STEP_MS_MIN);
}
