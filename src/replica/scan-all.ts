/** A whole range of little rows (sums, counters, the trail), page by page. */
import type { Entry, Store } from '../ports/store.ts';
import { keyAfter, type Span } from './layout.ts';

const PAGE_ENTRIES = 4096;

/**
 * Shows every entry to `visit`, in byte order; each page is as of its own moment. Not an async generator:
 * that costs 9 µs an entry, and a start reads hundreds of thousands. Rejects with StoreFailed when a part
 * cannot be read.
 */
export async function scanAll(
  store: Store,
  { from, to }: Span,
  visit: (entry: Entry) => void,
): Promise<void> {
  for (let next = from; ; ) {
    const page = await store.scan({ from: next, to, limit: PAGE_ENTRIES });
    page.forEach(visit);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_ENTRIES) return;
    next = keyAfter(last.key);
  }
}
