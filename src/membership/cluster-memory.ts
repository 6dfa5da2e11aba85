/**
 * What a node writes down of its cluster, and when. Its vote and the ring are written at once, and whoever
 * decided on them waits (M1). What it hears meanwhile, where the others are and how far their stores have
 * come, is written by a later beat; a write that fails is told, and tried again by a later beat still.
 *
 * Holds I10: however the disk hangs, one write is under way and one is wanted, and that one takes along
 * whatever is newest when it begins. Otherwise 1. the disk hangs, and the node goes on hearing; 2. every half
 * second another copy of the file waits behind it, for hours.
 *
 * What the file looks like is not decided here (cluster-file.ts).
 */
import type { Entry } from '../core/membership/view.ts';
import type { Clock } from '../ports/clock.ts';
import type { DurableFile } from '../ports/durable-file.ts';
import type { Log } from '../ports/log.ts';
import { clusterContent, type Remembered } from './cluster-file.ts';
import { Progress, type Said } from './progress.ts';

export interface ClusterMemoryParts {
  readonly remembered: Remembered;
  readonly file: DurableFile;
  readonly clock: Clock;
  readonly log: Log;
  /** Where everybody is now, sorted by name. */
  readonly members: () => readonly Entry[];
}

export type Decided = Pick<Remembered, 'vote' | 'cluster'>;

/**
 * From one write of what was heard to the next. While the cluster is written to, every greeting tells of new
 * batches, and a write costs two fsyncs on the disk that the records wait for: so not with each beat. The
 * longer, the more is missing after a crash: with this and a greeting on the way, a rollback of the last
 * three seconds may pass unseen, if all others were restarted too (progress.ts).
 */
const HEARD_MS = 2_000;

export class ClusterMemory {
  readonly #parts: ClusterMemoryParts;
  readonly #progress: Progress;
  /** The newest that was to be written. */
  #decided: Decided;
  /** Never rejects. */
  #underWay: Promise<void> | undefined;
  /** The write after that one. */
  #wanted: Promise<void> | undefined;
  /** Something is known that neither the file tells nor a write under way. */
  #isBehind = false;
  #begunAt = Number.NEGATIVE_INFINITY;
  /** So it was told. */
  #isFailing = false;

  constructor(parts: ClusterMemoryParts) {
    this.#parts = parts;
    this.#decided = parts.remembered;
    this.#progress = new Progress(parts.remembered.heard);
  }

  /** Resolves when this and all that is known by then is durable. Rejects with StoreFailed. */
  write(decided: Decided): Promise<void> {
    this.#decided = decided;
    this.#wanted ??= (this.#underWay ?? Promise.resolve()).then(() => this.#begin());
    return this.#wanted;
  }

  /**
   * Another node's store has come so far. Gives back how far earlier processes of that node had come with it.
   */
  note(said: Said): number {
    const { before, isNew } = this.#progress.note(said);
    this.#isBehind ||= isNew;
    return before;
  }

  /** Somebody is elsewhere than before, or removed. */
  moved(): void {
    this.#isBehind = true;
  }

  /** Writes what was heard, if there is anything and it is time; without waiting for it. */
  beat(): void {
    const isTime = this.#parts.clock.now() - this.#begunAt >= HEARD_MS;
    const isKnown = this.#decided.cluster !== undefined;
    if (!this.#isBehind || !isTime || !isKnown || this.#underWay !== undefined) return;
    this.write(this.#decided).then(
      () => {
        this.#isFailing = false;
      },
      cause => this.#tell(cause),
    );
  }

  #begin(): Promise<void> {
    this.#wanted = undefined;
    this.#isBehind = false;
    this.#begunAt = this.#parts.clock.now();
    const written = this.#parts.file.write(this.#content());
    this.#underWay = written.then(
      () => this.#ended({ isWritten: true }),
      () => this.#ended({ isWritten: false }),
    );
    return written;
  }

  #ended({ isWritten }: { isWritten: boolean }): void {
    this.#underWay = undefined;
    this.#isBehind ||= !isWritten;
  }

  #content(): unknown {
    const members = this.#parts.members();
    const names = new Set(members.map(({ name }) => name));
    return clusterContent({
      ...this.#decided,
      members,
      heard: this.#progress.all().filter(({ name }) => names.has(name)),
    });
  }

  #tell(cause: unknown): void {
    if (!this.#isFailing) this.#parts.log.warn('the cluster file cannot be written', { why: String(cause) });
    this.#isFailing = true;
  }
}
