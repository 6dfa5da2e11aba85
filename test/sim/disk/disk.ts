/**
 * One machine's disk: LevelDB's rows and log, the files beside them, the floor. It outlives the processes
 * that open it, and what a crash leaves of a write under way is the seed's to draw (DESIGN §10; TRAPS §0.1,
 * §0.2, S1-S6). What a fault does to data is told by the names below.
 *
 * It does not lose files or LevelDB's own tables, and its reads fail only when told to.
 */
import type { Buffer } from 'node:buffer';
import { assert } from '../../../src/base/assert.ts';
import type { SeededRandom } from '../../../src/base/random.ts';
import type { KeyPlace } from '../../../src/core/ring/placement.ts';
import type { Row } from '../../../src/core/rows/row.ts';
import type { DurableFile } from '../../../src/ports/durable-file.ts';
import type { Floor } from '../../../src/ports/floor.ts';
import type { Store } from '../../../src/ports/store.ts';
import { type LogLoss, loseBlocks, rotOneRow } from './damage.ts';
import { type FileImage, SimFile, SimFloor } from './files.ts';
import type { FoundStore } from './found.ts';
import type { LogImage } from './log.ts';
import { DiskMedium, type SimDiskParts } from './medium.ts';
import type { Owner } from './pace.ts';
import { SimStore } from './store.ts';

/** All that lies there, as a backup has it. */
export interface DiskImage {
  readonly log: LogImage;
  readonly identity: FileImage | undefined;
  readonly cluster: FileImage | undefined;
  readonly floor: number | undefined;
}

export interface DiskPorts {
  readonly store: Store;
  readonly identity: DurableFile;
  readonly cluster: DurableFile;
  readonly floor: Floor;
}

const BLANK: DiskImage = {
  log: { rows: new Map(), batches: [] },
  identity: undefined,
  cluster: undefined,
  floor: undefined,
};

export class SimDisk {
  readonly #random: SeededRandom;
  readonly #medium: DiskMedium;
  readonly #identity: SimFile;
  readonly #cluster: SimFile;
  readonly #floor = new SimFloor();
  #opened: SimStore | undefined;

  constructor(parts: SimDiskParts) {
    this.#random = parts.random;
    this.#medium = new DiskMedium(parts);
    this.#identity = new SimFile(this.#medium);
    this.#cluster = new SimFile(this.#medium);
  }

  /** For whoever opens LevelDB. @throws StoreFailed while the disk is full: recovery has a table to write */
  checkOpen(): void {
    const failure = this.#medium.unwritable();
    if (failure) throw failure;
  }

  /** After {@link crashed}, if another process had it open. */
  open(owner: Owner): DiskPorts {
    assert(this.#opened === undefined, 'one process at a time opens a store');
    this.#medium.log.reopen();
    this.#opened = new SimStore(owner, this.#medium);
    return {
      store: this.#opened,
      identity: this.#identity.open(owner),
      cluster: this.#cluster.open(owner),
      floor: this.#floor.open(owner),
    };
  }

  /** The process that had it open has ended, or nobody had and the machine loses its power. */
  crashed(how: 'kill' | 'power cut'): void {
    assert(this.#opened?.owner.alive !== true, 'the process ends before its disk');
    const lost = how === 'power cut' ? this.#powerCut() : 0;
    const batch = this.#opened?.underWay;
    if (batch && this.#lands() && lost === 0) this.#medium.commit(batch);
    this.#identity.crashed({ landed: this.#lands() });
    this.#cluster.crashed({ landed: this.#lands() });
    this.#medium.nextFailure = undefined;
    this.#opened = undefined;
  }

  snapshot(): DiskImage {
    return {
      log: this.#medium.log.image(),
      identity: this.#identity.held,
      cluster: this.#cluster.held,
      floor: this.#floor.value,
    };
  }

  /**
   * @param options.copied file by file: the files are not the ones that were written, until they are written
   * again
   */
  rollBack(image: DiskImage, { copied }: { copied: boolean }): void {
    this.#checkIdle();
    const file = (held: FileImage | undefined) => held && { ...held, copied: held.copied || copied };
    this.#medium.log.restore(image.log);
    this.#identity.held = file(image.identity);
    this.#cluster.held = file(image.cluster);
    this.#floor.value = image.floor;
  }

  wipe(): void {
    this.rollBack(BLANK, { copied: false });
  }

  /**
   * Room, the usual pace, and no failure to come; what has failed stays so until the store is opened anew.
   */
  mend(): void {
    this.full = false;
    this.slow(1);
    this.#medium.nextFailure = undefined;
  }

  get full(): boolean {
    return this.#medium.full;
  }

  /** No room: every write fails, and LevelDB does not open (TRAPS §0.2). */
  set full(full: boolean) {
    this.#medium.full = full;
  }

  /** Whether a write of the store is on its way there. */
  get isWriting(): boolean {
    return this.#opened?.underWay !== undefined;
  }

  /** Every read of the store fails; undefined heals it. For the contract of stores: no plan draws it. */
  failReads(failure: { readonly corrupt: boolean } | undefined): void {
    this.#medium.readFailure = failure;
  }

  /** So many times slower than planned; 1 again heals it. */
  slow(factor: number): void {
    this.#medium.pace.factor = factor;
  }

  /**
   * The write under way, or else the next one; forgotten at the next crash. `applied`: its rows are in the
   * log all the same.
   */
  failNextWrite(failure: { readonly applied: boolean }): void {
    this.#medium.nextFailure = failure;
  }

  /** Flips one bit of one record's row. Undefined when there is none. */
  rot(pick: number): KeyPlace | undefined {
    return rotOneRow(this.#medium.log, pick);
  }

  /**
   * LevelDB loses blocks of its log while no process has it open: so many batches in a row are gone, at the
   * end or with later ones kept.
   * @returns how many: since it was last opened there may be fewer
   */
  loseLog(loss: LogLoss): number {
    this.#checkIdle();
    return loseBlocks(this.#medium.log, loss, this.#random);
  }

  /** What the next process would find, by key (latin1). */
  rows(): ReadonlyMap<string, Buffer> {
    return this.#medium.log.rows.all;
  }

  /** The same, as a store that takes no time. */
  asStore(): FoundStore {
    return this.#medium.found;
  }

  /** The same, of one key. */
  row(place: KeyPlace): Row | 'damaged' | undefined {
    return this.#medium.found.row(place);
  }

  #checkIdle(): void {
    assert(this.#opened === undefined, 'nobody has the disk open');
  }

  #powerCut(): number {
    this.#floor.powerCut(this.#random);
    return this.#medium.powerCut();
  }

  /** Whether a write that was under way came to its end before the crash. */
  #lands(): boolean {
    return this.#random.chance(0.5) && !this.full;
  }
}
