/**
 * The batch trail: every batch writes its number into slot (number mod {@link SLOTS}), so that opening sees
 * when LevelDB has silently dropped batches from the *middle* of its log, as it does for one flipped bit
 * (TRAPS §0.1: 64 synced writes gone, no error): a number between the oldest slot and the last one is then
 * missing. Batches missing at the *end* are seen by the floor (ports/floor), which lies outside the store.
 * What follows from it is core/membership/identity's to judge.
 *
 *   t | slot u32 → checksum u32 | number u53 | since u53
 *
 * `since` is where the unbroken run begins. A break is reported by one opening only: the first batch after it
 * begins a new run, so whatever is to be remembered of the loss must be in that very batch.
 */
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { decodeSmallRow, encodeSmallRow } from '../core/rows/small-row.ts';
import type { Floor } from '../ports/floor.ts';
import type { Entry, Operation, Store } from '../ports/store.ts';
import type { Ledger } from './committer.ts';
import { readTrailKey, trailKey, trailRange } from './layout.ts';
import { scanAll } from './scan-all.ts';

/**
 * More than the batches that one opening replays: a slot used twice hides what was dropped before. LevelDB
 * replays its log and, if the last switch was cut short, the one before; each holds what fits its write
 * buffer (16 MiB, skip-list nodes included). Measured with classic-level 3: 56 000 batches of one small
 * record, its sum and this row; of the smallest batch there is, one removed hint, 164 800. A larger write
 * buffer asks for more. All slots are 8 MiB, read in 0.4 s.
 */
export const SLOTS = 1 << 18;

interface Found {
  readonly floor: Floor;
  /** By slot. */
  readonly steps: ReadonlyMap<number, Step>;
  readonly slots: number;
}

interface Step {
  readonly number: number;
  readonly since: number;
}

export class BatchTrail implements Ledger {
  readonly #floor: Floor;
  readonly #slots: number;
  #since: number;
  #closed: number;
  #committed: number;
  /** Whether the store was found with numbers missing before the last. */
  readonly broken: boolean;

  private constructor({ floor, steps, slots }: Found) {
    const last = lastOf(steps);
    this.broken = last !== undefined && !unbroken(last, { steps, slots });
    this.#slots = slots;
    this.#floor = floor;
    this.#committed = last?.number ?? 0;
    this.#closed = this.#committed;
    this.#since = last && !this.broken ? last.since : this.#committed + 1;
  }

  /** @param slots as many as when the store was written; fewer for tests */
  static async load(store: Store, floor: Floor, slots = SLOTS): Promise<BatchTrail> {
    const steps = new Map<number, Step>();
    await scanAll(store, trailRange(), entry => readStep(entry, steps));
    return new BatchTrail({ floor, steps, slots });
  }

  /** The number of the last committed batch; 0 if there was none. */
  get last(): number {
    return this.#committed;
  }

  close(): readonly Operation[] {
    this.#closed += 1;
    return [row(this.#closed % this.#slots, { number: this.#closed, since: this.#since })];
  }

  committed(): void {
    this.#committed += 1;
    this.#floor.note(this.#committed);
  }

  failed(): void {
    this.#closed = this.#committed;
  }
}

function row(slot: number, { number, since }: Step): Operation {
  const key = trailKey(slot);
  return { key, value: encodeSmallRow({ key, body: new ByteWriter(16).u53(number).u53(since).bytes }) };
}

/** By slot. A damaged one is left out: what it would have proved is not proved. */
function readStep({ key, value }: Entry, steps: Map<number, Step>): void {
  const slot = readTrailKey(key);
  const body = decodeSmallRow({ key, value });
  if (slot === undefined || body?.byteLength !== 16) return;
  const reader = new ByteReader(body);
  steps.set(slot, { number: reader.u53(), since: reader.u53() });
}

function lastOf(steps: ReadonlyMap<number, Step>): Step | undefined {
  let last: Step | undefined;
  for (const step of steps.values()) if (step.number > (last?.number ?? 0)) last = step;
  return last;
}

/** Whether every number of the run, as far back as there are slots, stands in its slot. */
function unbroken({ number: last, since }: Step, { steps, slots }: Pick<Found, 'steps' | 'slots'>): boolean {
  const first = Math.max(since, last - slots + 1);
  for (let number = first; number <= last; number++) {
    if (steps.get(number % slots)?.number !== number) return false;
  }
  return true;
}
