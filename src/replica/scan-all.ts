/** A whole range, page by page. */
import type { Entry, Store } from '../ports/store.ts';
import { keyAfter, type Span } from './layout.ts';

/** Of little rows: sums, counters, the trail. */
const PAGE_ENTRIES = 4096;

export interface Scanned extends Span {
  /** Entries to read at once: fewer where they are large. */
  readonly page?: number;
}

/**
 * Shows every entry to `visit`, in byte order; each page is as of its own moment. Not an async generator:
 * that costs 9 µs an entry, and a start reads hundreds of thousands. Rejects with StoreFailed when a part
 * cannot be read.
 */
export async function scanAll(
  store: Store,
  { from, to, page: limit = PAGE_ENTRIES }: Scanned,
  visit: (entry: Entry) => void,
): Promise<void> {
  for (let next = from; ; ) {
    const page = await store.scan({ from: next, to, limit });
    page.forEach(visit);
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return;
    next = keyAfter(last.key);
  }
}
