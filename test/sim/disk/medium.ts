/**
 * What lies below a store on a simulated disk: how a batch gets into LevelDB's log, when it is synced, how
 * that fails, and what is left of the log when the power goes (TRAPS §0.2, §0.8, S1). With `fsync` what has
 * landed is synced; with `os` the operating system syncs it some seconds later.
 */

import type { SeededRandom } from '../../../src/base/random.ts';
import type { Durability } from '../../../src/core/membership/identity.ts';
import { type Operation, StoreFailed } from '../../../src/ports/store.ts';
import type { DiskPlan } from '../plan.ts';
import type { World } from '../time/world.ts';
import { FoundStore } from './found.ts';
import { DiskLog } from './log.ts';
import { Pace } from './pace.ts';
import { rowsSaid } from './said.ts';
import type { Medium } from './store.ts';

export interface SimDiskParts {
  readonly world: Pick<World, 'now' | 'after' | 'trace'>;
  readonly random: SeededRandom;
  readonly name: string;
  readonly plan: DiskPlan;
  readonly durability: Durability;
  /** These rows outlive the process from now on; with `os` not yet the machine's power. */
  readonly onCommitted: (batch: readonly Operation[]) => void;
}

/** After so long the operating system writes back what it was given. */
const WRITE_BACK_MS = { min: 1_000, max: 10_000 };

export class DiskMedium implements Medium {
  readonly log = new DiskLog();
  readonly found = new FoundStore(this.log.rows);
  readonly pace: Pace;
  full = false;
  readFailure: { readonly corrupt: boolean } | undefined;
  /** The store tries nothing after it, so it is used once. */
  nextFailure: { readonly applied: boolean } | undefined;
  readonly #parts: SimDiskParts;
  #writingBack = false;

  constructor(parts: SimDiskParts) {
    this.#parts = parts;
    this.pace = new Pace(parts);
  }

  land(batch: readonly Operation[]): StoreFailed | undefined {
    const { nextFailure } = this;
    const error = this.unwritable() ?? (nextFailure && new StoreFailed('the disk reports an error'));
    if (!this.full && nextFailure?.applied !== false) this.commit(batch);
    if (error) this.#note(`fails to write ${batch.length} rows: ${error.message}`);
    return error;
  }

  commit(batch: readonly Operation[]): void {
    const { world, durability, onCommitted } = this.#parts;
    this.log.append(batch);
    if (durability === 'fsync') this.log.sync();
    else this.#writeBack();
    this.#note(`wrote ${batch.length} rows`);
    world.trace.aside(world.now, () => rowsSaid(this.#parts.name, batch));
    for (const { value } of batch) if (value) world.trace.bytes(value);
    onCommitted(batch);
  }

  closed(): void {
    this.log.sync();
  }

  unreadable(): StoreFailed | undefined {
    return this.readFailure && new StoreFailed('the disk does not give what it holds', this.readFailure);
  }

  unwritable(): StoreFailed | undefined {
    return this.full ? new StoreFailed('no space') : undefined;
  }

  /**
   * A log is cut, not thinned out: of what was not synced some end is gone, or nothing.
   * @returns how many batches
   */
  powerCut(): number {
    const { length, unsynced } = this.log;
    const count = this.#parts.random.below(unsynced + 1);
    this.log.lose({ from: length - count, count });
    this.log.sync();
    if (count > 0) this.#note(`lost its last ${count} batches`);
    return count;
  }

  /** In its own time the operating system syncs all that it was given until then. */
  #writeBack(): void {
    if (this.#writingBack) return;
    this.#writingBack = true;
    const { world, random } = this.#parts;
    const { min, max } = WRITE_BACK_MS;
    world.after(min + random.below(max - min), () => {
      this.#writingBack = false;
      this.log.sync();
    });
  }

  #note(text: string): void {
    const { world, name } = this.#parts;
    world.trace.note(world.now, { about: 'disk', text: `${name} ${text}` });
  }
}
