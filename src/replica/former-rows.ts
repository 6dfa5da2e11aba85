/**
 * Moves the rows of an older store, which lay by segment, to where they lie now, each with its row of the
 * index (replica/layout). One batch takes a row away and brings it back, so that a crash leaves it in one
 * place, and what is not moved yet is moved by the next start. Sums stay as they are: the rows do. A row
 * whose key cannot be read is nobody's, and stays where it is.
 *
 * A row that lies where rows lie now is newer: 1. a row is moved; 2. a client writes it; 3. LevelDB drops the
 * batch of the move from the middle of its log (TRAPS §0.1); 4. moved once more, the old row would take the
 * new one's place.
 */
import { EMPTY } from '../base/bytes.ts';
import type { Log } from '../ports/log.ts';
import type { Entry, Operation, Store } from '../ports/store.ts';
import type { Committer } from './committer.ts';
import { dataKey, formerRange, indexKey, keyAfter, readFormerKey } from './layout.ts';

export interface FormerRowsParts {
  readonly store: Store;
  readonly committer: Pick<Committer, 'queue'>;
  readonly log: Log;
}

/** Rows in a batch. */
const AT_ONCE = 64;
const TOLD_EVERY = 64 * 1024;

/** Resolves when all are moved, durably: at once in a store without such rows. Rejects with StoreFailed. */
export async function moveFormerRows({ store, committer, log }: FormerRowsParts): Promise<void> {
  const { from, to } = formerRange();
  let moved = 0;
  for (let next = from; ; ) {
    const page = await store.scan({ from: next, to, limit: AT_ONCE });
    const last = page.at(-1);
    if (last === undefined) break;
    const rows = page.map(entry => movement(entry, store)).filter(operations => operations.length > 0);
    await committer.queue(rows.flat());
    next = keyAfter(last.key);
    moved += rows.length;
    if (moved % TOLD_EVERY < rows.length)
      log.info('rows are moved to where this version looks for them', { moved });
  }
  if (moved > 0) log.info('all rows are where this version looks for them', { moved });
}

function movement({ key, value }: Entry, store: Store): readonly Operation[] {
  const place = readFormerKey(key);
  if (place === undefined) return [];
  const gone = { key, value: undefined };
  const to = dataKey(place);
  const index = { key: indexKey(place), value: EMPTY };
  return store.get(to) === undefined ? [gone, { key: to, value }, index] : [gone, index];
}
