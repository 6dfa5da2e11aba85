/**
 * Sums up a doubtful segment from its rows (DESIGN §7): the one case in which a sum is not carried on from
 * batch to batch. A row that cannot be read leaves the doubt; so does a change while the rows were read, and
 * after some attempts the next damaged row, or the next start, tries again. Rows on their way to the disk are
 * waited for: a scan does not see them, and the sum has counted them.
 */
import { decodeRow } from '../core/rows/row.ts';
import { addRow, emptySum } from '../core/rows/segment-sums.ts';
import type { Store } from '../ports/store.ts';
import type { Committer } from './committer.ts';
import { readDataKey, type SegmentPlace, segmentRange } from './layout.ts';
import { scanAll } from './scan-all.ts';
import type { SegmentLedger } from './segment-ledger.ts';

export interface RecountParts {
  readonly store: Store;
  readonly committer: Pick<Committer, 'flush'>;
  readonly segments: SegmentLedger;
}

const ATTEMPTS = 3;

/** True when the segment is no longer in doubt. Rejects with StoreFailed. */
export async function recount(
  { partition, segment }: SegmentPlace,
  { store, committer, segments }: RecountParts,
): Promise<boolean> {
  const place = { partition, segment };
  for (let attempt = 0; attempt < ATTEMPTS && segments.isDoubtful(place); attempt++) {
    await committer.flush();
    const ticket = segments.beginCount(place);
    const sum = emptySum();
    let readable = true;
    await scanAll(store, segmentRange(partition, segment), ({ key, value }) => {
      const of = readDataKey(key);
      const row = of && decodeRow(value, of);
      if (row === undefined || row === 'damaged') readable = false;
      else addRow(sum, row.sealed.digest);
    });
    if (!readable) return false;
    if (segments.settle(ticket, sum)) return true;
  }
  return !segments.isDoubtful(place);
}
