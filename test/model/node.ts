/**
 * One node of the model: its row for the one key as the production would hold it (a durable one, and those
 * queued for the next commit), and beside each version of the row the twin's full history. It keeps DESIGN §4
 * and §6: updates start from the newest row, reads answer from the durable one, an ack waits for the commit,
 * a birth goes with its row.
 */

import { assert } from '../../src/base/assert.ts';
import { seal } from '../../src/core/record/codec.ts';
import { type Birth, decodeRow, encodeRow } from '../../src/core/rows/row.ts';
import { ModelMinter } from './minter.ts';
import type { Rules } from './rules.ts';
import {
  complete,
  EMPTY,
  type Known,
  knownIn,
  leftIn,
  PLACE,
  type Version,
  type WhenDurable,
} from './version.ts';

interface Queued {
  readonly version: Version;
  readonly whenDurable: WhenDurable[];
}

export class ModelNode {
  readonly index: number;
  readonly #rules: Rules;
  readonly #minter: ModelMinter;
  #durable = EMPTY;
  #queue: Queued[] = [];
  #backup = EMPTY;
  #orphan: Birth | undefined;
  /**
   * The disk is new or older than it was: whatever it answers may be incomplete (DESIGN §6, *Recovering*).
   */
  #recovering = false;
  #mergedWith = new Set<number>();
  /** Grows with every start of the process. */
  boot = 0;

  constructor(index: number, { rules, skewMs }: { rules: Rules; skewMs: number }) {
    this.index = index;
    this.#rules = rules;
    this.#minter = new ModelMinter(index, { rules, skewMs });
  }

  /** What an update starts from: queued rows count. */
  get newest(): Known {
    return knownIn(this.#newest);
  }

  /** What a read is answered from. */
  get durable(): Known {
    return knownIn(this.#durable);
  }

  get recovering(): boolean {
    return this.#recovering || this.#durable.damaged || this.#durable.row?.recovering === true;
  }

  get busy(): boolean {
    return this.#queue.length > 0;
  }

  get damaged(): boolean {
    return this.#durable.damaged;
  }

  /** The dot and the time for a write that is made now. */
  mint(now: number) {
    return this.#minter.mint(this.#newest.row?.birth ?? this.#orphan, { now });
  }

  merge(other: Known, { now, whenDurable = () => {} }: { now: number; whenDurable?: WhenDurable }): void {
    this.#minter.hear(other.record, { now });
    const { record, past } = this.newest;
    const merged = this.#rules.merge(record, other.record);
    this.store({ record: merged, past: new Set([...past, ...other.past]) }, { whenDurable });
  }

  /** Queues what the key is now. What changes nothing is as durable as the row that was found. */
  store(after: Known, { birth, whenDurable }: { birth?: Birth | undefined; whenDurable: WhenDurable }): void {
    const { row, damaged } = this.#newest;
    if (after.record === knownIn(this.#newest).record) {
      this.#afterLastCommit(whenDurable);
      return;
    }
    const sealed = seal(after.record, PLACE);
    const recovering = damaged || row?.recovering === true;
    const version = {
      row: { sealed, birth: birth ?? row?.birth, recovering },
      past: after.past,
      damaged: false,
    };
    this.#queue.push({ version, whenDurable: [whenDurable] });
    if (!this.#rules.acksAfterCommit) whenDurable(leftIn(version));
  }

  commit(count = this.#queue.length, acks = true): void {
    for (const { version, whenDurable } of this.#queue.splice(0, count)) {
      this.#durable = version;
      if (acks) for (const tell of whenDurable) tell(leftIn(version));
    }
  }

  /** Some of the queue may have reached the disk; nobody was told. */
  crash(kept: number): void {
    this.commit(kept, false);
    this.#queue = [];
    this.#reopen();
    if (this.#rules.newIncarnationAfter.has('crash')) this.#minter.renew();
  }

  restartCleanly(): void {
    this.commit();
    this.#reopen();
  }

  /** LevelDB lost it without a word; nobody knows until the scrub (DESIGN §7). */
  loseRow(): void {
    this.#orphan = this.#rules.birthAfterLoss(this.#durable.row?.birth);
    this.#durable = EMPTY;
  }

  damageRow(): void {
    const { row } = this.#durable;
    if (row === undefined) return;
    const bytes = Uint8Array.from(encodeRow(row, PLACE));
    bytes[bytes.length - 1]! ^= 1;
    assert(decodeRow(bytes, PLACE) === 'damaged', 'a flipped bit is noticed');
    this.#orphan = this.#rules.birthAfterLoss(row.birth);
    this.#durable = { ...EMPTY, damaged: true };
    this.#mergedWith.clear();
  }

  loseDisk(): void {
    this.#replaceDisk(EMPTY);
    this.#minter.renew();
  }

  backUpDisk(): void {
    this.#backup = this.#durable;
  }

  restoreDisk(): void {
    this.#replaceDisk(this.#backup);
    if (this.#rules.newIncarnationAfter.has('restore')) this.#minter.renew();
  }

  /**
   * One step of recovering: merges what another owner holds durably; with the last of `owners` it is complete
   * again.
   */
  recoverFrom(other: ModelNode, { now, owners }: { now: number; owners: readonly number[] }): void {
    const { boot } = this;
    const whenDurable = () => {
      if (boot === this.boot) this.#mergedWith.add(other.index);
      if (owners.every(owner => owner === this.index || this.#mergedWith.has(owner))) this.#recovered();
    };
    if (!other.damaged) this.merge(other.durable, { now, whenDurable });
  }

  /** Removes the row of a node that is no owner of the key. */
  dropRow(): void {
    this.#durable = EMPTY;
    this.#queue = [];
  }

  get #newest(): Version {
    return this.#queue.at(-1)?.version ?? this.#durable;
  }

  #afterLastCommit(whenDurable: WhenDurable): void {
    const last = this.#queue.at(-1);
    if (last && this.#rules.acksAfterCommit) last.whenDurable.push(whenDurable);
    else whenDurable(leftIn(this.#newest));
  }

  #recovered(): void {
    this.#recovering = false;
    this.#mergedWith.clear();
    this.#durable = complete(this.#durable);
    this.#queue = this.#queue.map(queued => ({ ...queued, version: complete(queued.version) }));
  }

  #replaceDisk(version: Version): void {
    this.#queue = [];
    this.#durable = version;
    this.#recovering = true;
    this.#reopen();
  }

  /** The row comes back from its bytes; all that is only in memory is gone. */
  #reopen(): void {
    const { row, past, damaged } = this.#durable;
    const read = row && decodeRow(encodeRow(row, PLACE), PLACE);
    assert(read !== 'damaged', 'a row that was written can be read');
    this.#durable = { row: read, past, damaged };
    this.#orphan = undefined;
    this.#mergedWith.clear();
    this.#minter.restart();
    this.boot++;
  }
}
