/**
 * Looks for what nobody has asked for in a long time and is no longer there as it was (DESIGN §7; TRAPS §0.1,
 * A1, A4): every row is read and its checksum verified, and what a segment's rows add up to is held against
 * its sum. What is found goes the ways that exist: a damaged row is damaged (replica/rows), and a segment
 * that is not what its sum says is summed up anew from its rows, after which it differs from its other
 * owners' and they bring what is missing. A segment still in doubt is tried again by each pass.
 *
 * Such a segment is *drift*, and there is none as long as this code and the disk are right, so it must not be
 * taken for it that a row is on its way: 1. rows are read; 2. a batch with one more is committed, and so is
 * their sum; 3. the two do not agree. A segment that seems wrong is looked at once more, with nothing of it
 * queued before and nothing changed since; one that is written to all the while is left to the next pass.
 *
 * When and how fast is repair/scrubber's to say.
 */
import { passOnBugs } from '../base/assert.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import { type SegmentPlace, segmentAt } from '../core/ring/segments.ts';
import { addRow, emptySum, sameSum } from '../core/rows/segment-sums.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Scrubbed, Scrubbing } from '../ports/scrubbing.ts';
import type { Store } from '../ports/store.ts';
import type { Committer } from './committer.ts';
import type { LocalReplica } from './replica.ts';
import { nextPage, type ScrubPage } from './scrub-page.ts';
import { type SegmentLedger, sumRow } from './segment-ledger.ts';
import { type Indexed, readIndex, rowsUnder } from './segment-rows.ts';

export interface ScrubParts {
  readonly store: Store;
  readonly committer: Pick<Committer, 'flush' | 'queue' | 'faulted'>;
  readonly segments: SegmentLedger;
  readonly replica: Pick<LocalReplica, 'damaged' | 'recount'>;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A segment that changes each time is busy. */
const ATTEMPTS = 3;

/** What lies in a segment, as its index has it. */
interface Found {
  readonly place: SegmentPlace;
  readonly rows: readonly Indexed[];
  readonly strays: number;
}

export class Scrub implements Scrubbing {
  readonly #parts: ScrubParts;
  #isSuspecting = false;

  constructor(parts: ScrubParts) {
    this.#parts = parts;
  }

  get faulted(): boolean {
    return this.#parts.committer.faulted !== undefined;
  }

  /**
   * Somebody saw rows and a sum that do not say the same: looked at out of turn, one segment at a time and no
   * more than that. Returns at once.
   */
  suspect(place: SegmentPlace): void {
    if (this.#isSuspecting || this.faulted) return;
    this.#isSuspecting = true;
    this.#hasDrifted(place)
      .then(drifted => drifted && this.#parts.replica.recount(place))
      .catch(passOnBugs)
      .finally(() => {
        this.#isSuspecting = false;
      });
  }

  /** Rejects with StoreFailed, or with ShoalError OVERLOADED. */
  async step(from: SegmentPlace): Promise<Scrubbed> {
    const { store, metrics, replica } = this.#parts;
    const { segments, next } = await nextPage(from, this.#parts);
    const rows = await rowsUnder(
      [...segments.values()].flatMap(({ places }) => places),
      store,
    );
    metrics.count('scrub.rows', rows.length);
    const wrong: SegmentPlace[] = [];
    let busy = 0;
    for (const found of foundIn(segments, rows)) {
      const isWrong = await this.#isWrong(found);
      if (isWrong === undefined) busy += 1;
      else if (isWrong) wrong.push(found.place);
    }
    // Together: their partitions are read once each.
    await Promise.all(wrong.map(place => replica.recount(place)));
    return { rows: rows.length, bytes: rows.reduce((sum, row) => sum + row.bytes, 0), busy, next };
  }

  /** Whether the segment is to be summed up anew; undefined when nobody can tell. */
  async #isWrong(found: Found): Promise<boolean | undefined> {
    const damaged = found.rows.filter(({ row }) => row === 'damaged');
    this.#damaged(damaged.map(({ place }) => place));
    // Whoever mends the row sums up its segment.
    if (damaged.length > 0) return false;
    if (this.#parts.segments.isDoubtful(found.place)) return true;
    return !this.#agrees(found) && (await this.#hasDrifted(found.place));
  }

  #damaged(places: readonly KeyPlace[]): void {
    const { metrics, replica } = this.#parts;
    metrics.count('scrub.damaged', places.length);
    for (const place of places) replica.damaged(place);
  }

  /** Whether the rows, the index and the sum say the same. */
  #agrees({ place, rows, strays }: Found): boolean {
    const sum = emptySum();
    for (const { row } of rows) {
      if (row === undefined || row === 'damaged') return false;
      addRow(sum, row.digest);
    }
    return strays === 0 && sameSum(sum, this.#parts.segments.sum(place));
  }

  /** The second look; undefined: it changes each time. */
  async #hasDrifted(place: SegmentPlace): Promise<boolean | undefined> {
    const { committer, segments, store } = this.#parts;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await committer.flush();
      const ticket = segments.beginCount(place);
      const { places, strays } = await readIndex(place, store);
      const rows = await rowsUnder(places, store);
      if (!segments.isCurrent(ticket)) continue;
      if (this.#agrees({ place, rows, strays })) return false;
      this.#drifted(place);
      return true;
    }
    return undefined;
  }

  /** In doubt from now on, and on the disk with the next batch, which this is. */
  #drifted(place: SegmentPlace): void {
    const { committer, segments, log, metrics } = this.#parts;
    void committer.queue([sumRow(place, 'doubtful')]);
    segments.doubt(place);
    metrics.count('scrub.drift');
    log.warn(
      'a segment is not what its digest says: it is counted anew, and compared with its other owners',
      {
        partition: place.partition,
        segment: place.segment,
      },
    );
  }
}

/** @param rows of all of them, in their order */
function foundIn(segments: ScrubPage['segments'], rows: readonly Indexed[]): readonly Found[] {
  let at = 0;
  return [...segments].map(([number, { places, strays }]) => {
    const from = at;
    at += places.length;
    return { place: segmentAt(number), rows: rows.slice(from, at), strays };
  });
}
