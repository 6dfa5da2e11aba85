/**
 * Sums up doubtful segments from their rows (DESIGN §7): the one case in which a sum is not carried on from
 * batch to batch. The truth is in the partition's rows, all of which are read, and not in the index: that is
 * put right by them. A row that cannot be read leaves the doubt; so does a change while the rows were read,
 * and after some attempts the next damaged row, the next pass of the scrub, or the next start tries again.
 * Rows on their way to the disk are waited for: a scan does not see them, and the sum has counted them.
 *
 * One partition is read at a time, and the segments of it that are asked for until then go together: a
 * damaged block of a table is damage in a dozen segments.
 */
import { byteText, EMPTY } from '../base/bytes.ts';
import type { Partition, Segment } from '../base/ids.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { SegmentPlace } from '../core/ring/segments.ts';
import { decodeRow } from '../core/rows/row.ts';
import { addRow, emptySum, type SegmentSum } from '../core/rows/segment-sums.ts';
import type { Operation, Store } from '../ports/store.ts';
import type { Committer } from './committer.ts';
import { indexKey, partitionRange, readDataKey, segmentRange } from './layout.ts';
import { scanAll } from './scan-all.ts';
import { type CountTicket, type SegmentLedger, sumRow } from './segment-ledger.ts';

export interface RecountParts {
  readonly store: Store;
  readonly committer: Pick<Committer, 'flush' | 'queue'>;
  readonly segments: SegmentLedger;
}

const ATTEMPTS = 3;
/** A moment of the event loop each. */
const PAGE_ROWS = 256;

/** Segments of one partition that no reading has begun for. */
interface Asked {
  readonly segments: Set<Segment>;
  readonly done: Promise<void>;
}

interface Count {
  readonly ticket: CountTicket;
  readonly sum: SegmentSum;
  readonly rows: KeyPlace[];
  readable: boolean;
}

export class Recounts {
  readonly #parts: RecountParts;
  readonly #asked = new Map<Partition, Asked>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: RecountParts) {
    this.#parts = parts;
  }

  /**
   * True when the segment is no longer in doubt. Rejects with StoreFailed, or with ShoalError OVERLOADED.
   */
  async recount({ partition, segment }: SegmentPlace): Promise<boolean> {
    const { segments } = this.#parts;
    const place = { partition, segment };
    if (segments.isDoubtful(place)) await this.#reading(place);
    return !segments.isDoubtful(place);
  }

  #reading({ partition, segment }: SegmentPlace): Promise<void> {
    const asked = this.#asked.get(partition);
    if (asked !== undefined) {
      asked.segments.add(segment);
      return asked.done;
    }
    const segments = new Set([segment]);
    const done = this.#last.then(() => {
      this.#asked.delete(partition);
      return this.#count(partition, segments);
    });
    this.#asked.set(partition, { segments, done });
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #count(partition: Partition, wanted: Set<Segment>): Promise<void> {
    const { committer, segments } = this.#parts;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const places = [...wanted].map(segment => ({ partition, segment }));
      const doubtful = places.filter(place => segments.isDoubtful(place));
      if (doubtful.length === 0) return;
      await committer.flush();
      const counts = new Map(doubtful.map(place => [place.segment, begun(segments.beginCount(place))]));
      await this.#read(partition, counts);
      for (const [segment, count] of counts) {
        if (count.readable) await this.#settle(count);
        else wanted.delete(segment);
      }
    }
  }

  async #read(partition: Partition, counts: ReadonlyMap<Segment, Count>): Promise<void> {
    await scanAll(this.#parts.store, { ...partitionRange(partition), page: PAGE_ROWS }, ({ key, value }) => {
      const place = readDataKey(key);
      const count = place && counts.get(place.segment);
      if (count !== undefined) add(count, { place: place!, value });
    });
  }

  /**
   * The sum, and what the index lacks or has too much, in one tick: nothing has changed until then. And in
   * one batch, which begins at once: else the doubt would be there again after a restart.
   */
  async #settle({ ticket, sum, rows }: Count): Promise<void> {
    const { store, committer, segments } = this.#parts;
    const amendment = await indexAmendment(ticket.place, { rows, store });
    if (!segments.isCurrent(ticket)) return;
    void committer.queue([sumRow(ticket.place, sum), ...amendment]);
    segments.settle(ticket, sum);
  }
}

function begun(ticket: CountTicket): Count {
  return { ticket, sum: emptySum(), rows: [], readable: true };
}

function add(count: Count, { place, value }: { place: KeyPlace; value: Uint8Array }): void {
  const row = decodeRow(value, place);
  if (row === 'damaged') {
    count.readable = false;
    return;
  }
  addRow(count.sum, row.sealed.digest);
  count.rows.push(place);
}

/** What makes the segment's index that of these rows. */
async function indexAmendment(
  place: SegmentPlace,
  { rows, store }: { rows: readonly KeyPlace[]; store: Store },
): Promise<readonly Operation[]> {
  const missing = new Map(rows.map(indexKey).map(key => [byteText(key), key]));
  const strays: Uint8Array[] = [];
  await scanAll(store, segmentRange(place), ({ key }) => {
    if (!missing.delete(byteText(key))) strays.push(key);
  });
  return [
    ...[...missing.values()].map(key => ({ key, value: EMPTY })),
    ...strays.map(key => ({ key, value: undefined })),
  ];
}
