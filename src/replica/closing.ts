/**
 * Ends this node's replica, and leaves the clean mark if the disk took all of it: the counterpart of opening,
 * where that mark is judged (core/membership/identity).
 */
import type { Store } from '../ports/store.ts';
import type { Committer } from './committer.ts';
import type { CounterLedger } from './counter-ledger.ts';
import type { OwnIdentity } from './own-identity.ts';
import type { BatchTrail } from './trail.ts';

export interface ClosingParts {
  readonly store: Store;
  readonly committer: Committer;
  readonly counters: CounterLedger;
  readonly trail: BatchTrail;
  readonly own: OwnIdentity;
}

/** Commits what is queued and closes the store. Rejects with StoreFailed; there is no mark then. */
export async function closeReplica({ store, committer, counters, trail, own }: ClosingParts): Promise<void> {
  try {
    await committer.flush();
    // Brings in what the ledgers still hold. Without it: 1. a put takes a dot and is refused for its size; 2.
    // the node stops, its mark says one counter more than its store; 3. the next start finds that the store
    // "has lost its counter", and all of it recovers.
    await own.writeStoreId();
  } finally {
    await store.close();
  }
  if (committer.faulted === undefined) await own.leaveMark({ counter: counters.last, batch: trail.last });
}
