/**
 * What a client's write does to its coordinator's row: a put with or without context, an overwrite, a delete
 * (DESIGN §4, §6). Decides nothing about replicas.
 */
import type { WriteId } from '../base/ids.ts';
import { checkGrowth } from '../core/record/growth.ts';
import { knowsWrite, overwrite, put, type Record, remove, type Seen, seenOf } from '../core/record/record.ts';
import type { Mint } from '../ports/updates.ts';

/** What a write does to a row. */
export interface Change {
  readonly apply: (record: Record, mint: Mint) => Record;
  /** The write that is to be left standing; none for a delete. */
  readonly writeId: WriteId | undefined;
  readonly overwrites: boolean;
}

type Covers = Seen | 'whatever is there';

export function insertion({
  writeId,
  value,
  seen,
}: {
  writeId: WriteId;
  value: Uint8Array;
  seen: Covers;
}): Change {
  return {
    writeId,
    overwrites: seen === 'whatever is there',
    // A retry mints nothing: the write is known here (DESIGN §4, *put*).
    apply: (record, mint) => {
      if (knowsWrite(record, writeId)) return record;
      const overwrites = seen === 'whatever is there';
      const write = { writeId, value, ...mint(overwrites ? seenOf(record) : seen) };
      const after = overwrites ? overwrite(record, write) : put(record, { seen, write });
      checkGrowth({ before: record, after });
      return after;
    },
  };
}

export function deletion(seen: Covers): Change {
  return {
    writeId: undefined,
    overwrites: seen === 'whatever is there',
    apply: record => {
      if (seen === 'whatever is there') return remove(record, seenOf(record));
      // A context that was made up brings a vector of any size, and nothing ever takes it out again.
      const after = remove(record, seen);
      checkGrowth({ before: record, after });
      return after;
    },
  };
}
