/**
 * One node of the model: its row for the one key as the production would hold it (a durable one, and those queued for the next
 * commit), and beside each version of the row the twin's full history. It keeps DESIGN §4 and §6: updates start from the newest row,
 * reads answer from the durable one, an ack waits for the commit, a birth goes with its row.
 */

import { assert } from '../../src/base/assert.ts';
import { type Incarnation, incarnation } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { observe, tick } from '../../src/core/hybrid-clock.ts';
import { placeKey } from '../../src/core/placement.ts';
import { NOTHING, type Record } from '../../src/core/record.ts';
import { NO_DIGEST, seal } from '../../src/core/record-codec.ts';
import { type Birth, decodeRow, encodeRow, type Row } from '../../src/core/row.ts';
import { NO_PAST, type Past } from './past.ts';
import type { Rules } from './rules.ts';

export const PLACE = placeKey({ bucket: 'model', key: 'the only one' });

/** What is known of the key, by the rules and by the twin. */
export interface Known {
  readonly record: Record;
  readonly past: Past;
}

/** Called when what was stored is durable, with the digest (hex) of the row as it was left. */
export type WhenDurable = (digest: string) => void;

interface Version {
  readonly row: Row | undefined;
  readonly past: Past;
  readonly damaged: boolean;
}

interface Queued {
  readonly version: Version;
  readonly whenDurable: WhenDurable[];
}

const EMPTY: Version = { row: undefined, past: NO_PAST, damaged: false };
const MS_2026 = 1_767_225_600_000;

export class ModelNode {
  readonly index: number;
  readonly #rules: Rules;
  readonly #skewMs: number;
  #durable = EMPTY;
  #queue: Queued[] = [];
  #backup = EMPTY;
  #incarnations = 0;
  #incarnation: Incarnation;
  #counter = 0;
  #time = 0;
  #orphan: Birth | undefined;
  /** The disk is new or older than it was: whatever it answers may be incomplete (DESIGN §6, *Recovering*). */
  #recovering = false;
  #mergedWith = new Set<number>();
  /** Grows with every start of the process. */
  boot = 0;

  constructor(index: number, { rules, skewMs }: { rules: Rules; skewMs: number }) {
    this.index = index;
    this.#rules = rules;
    this.#skewMs = skewMs;
    this.#incarnation = this.#drawIncarnation();
  }

  /** What an update starts from: queued rows count. */
  get newest(): Known {
    return known(this.#newest);
  }

  /** What a read is answered from. */
  get durable(): Known {
    return known(this.#durable);
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
    this.#time = tick(this.#time, this.#wallMs(now));
    // Every third counter goes to another key.
    this.#counter += 1 + (this.#counter % 3 === 2 ? 1 : 0);
    const next = { incarnation: this.#incarnation, counter: this.#counter };
    return { ...this.#rules.mint(this.#newest.row?.birth ?? this.#orphan, next), writtenAt: this.#time };
  }

  merge(other: Known, { now, whenDurable = () => {} }: { now: number; whenDurable?: WhenDurable }): void {
    const wallMs = this.#wallMs(now);
    for (const { writtenAt } of other.record.siblings)
      this.#time = observe(this.#time, { heard: writtenAt, wallMs });
    const { record, past } = this.newest;
    const merged = this.#rules.merge(record, other.record);
    this.store({ record: merged, past: new Set([...past, ...other.past]) }, { whenDurable });
  }

  /** Queues what the key is now. What changes nothing is as durable as the row that was found. */
  store(after: Known, { birth, whenDurable }: { birth?: Birth; whenDurable: WhenDurable }): void {
    const { row, damaged } = this.#newest;
    if (after.record === known(this.#newest).record) {
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
    if (!this.#rules.acksAfterCommit) whenDurable(digestOfRow(version));
  }

  commit(count = this.#queue.length, acks = true): void {
    for (const { version, whenDurable } of this.#queue.splice(0, count)) {
      this.#durable = version;
      if (acks) for (const tell of whenDurable) tell(digestOfRow(version));
    }
  }

  /** Some of the queue may have reached the disk; nobody was told. */
  crash(kept: number): void {
    this.commit(kept, false);
    this.#queue = [];
    this.#reopen();
    if (this.#rules.newIncarnationAfter.has('crash')) this.#incarnation = this.#drawIncarnation();
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
    this.#incarnation = this.#drawIncarnation();
  }

  backUpDisk(): void {
    this.#backup = this.#durable;
  }

  restoreDisk(): void {
    this.#replaceDisk(this.#backup);
    if (this.#rules.newIncarnationAfter.has('restore')) this.#incarnation = this.#drawIncarnation();
  }

  /** One step of recovering: merges what another owner holds durably; with the last of `owners` it is complete again. */
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

  #wallMs(now: number): number {
    return MS_2026 + now + this.#skewMs;
  }

  #afterLastCommit(whenDurable: WhenDurable): void {
    const last = this.#queue.at(-1);
    if (last && this.#rules.acksAfterCommit) last.whenDurable.push(whenDurable);
    else whenDurable(digestOfRow(this.#newest));
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
    this.#time = 0;
    this.boot++;
  }

  #drawIncarnation(): Incarnation {
    this.#counter = 0;
    return incarnation(new SeededRandom(1 + this.index * 1000 + this.#incarnations++).bytes(8));
  }
}

function known({ row, past }: Version): Known {
  return { record: row?.sealed.record ?? NOTHING, past };
}

function complete(version: Version): Version {
  const { row } = version;
  return { ...version, row: row && { ...row, recovering: false }, damaged: false };
}

/** In hex. */
export function digestOf(record: Record): string {
  return record === NOTHING ? print(NO_DIGEST) : print(seal(record, PLACE).digest);
}

function digestOfRow({ row }: Version): string {
  return print(row?.sealed.digest ?? NO_DIGEST);
}

function print(digest: Uint8Array): string {
  return Buffer.from(digest).toString('hex');
}
