/**
 * Opens this node's replica on its store, in three steps: reads who it was and whether it may go on being
 * that (former-self) and what is kept beside the rows; pays what that verdict owes, in the order that no
 * crash can cheat (core/membership/identity; I3, I5); puts the replica together. Decides that order, and
 * nothing else.
 */
import { type NodeName, printIncarnation } from '../base/ids.ts';
import type { Durability, Identity, Verdict } from '../core/membership/identity.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import { PARTITIONS } from '../core/ring/placement.ts';
import type { Clock } from '../ports/clock.ts';
import type { DurableFile } from '../ports/durable-file.ts';
import type { Floor } from '../ports/floor.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';
import { closeReplica } from './closing.ts';
import { Committer } from './committer.ts';
import { LocalComparisons } from './comparing.ts';
import type { CounterLedger } from './counter-ledger.ts';
import { Custody } from './custody.ts';
import { moveFormerRows } from './former-rows.ts';
import { type FormerSelf, readFormerSelf } from './former-self.ts';
import { HintIndex } from './hint-index.ts';
import { Hints } from './hints.ts';
import { Minter } from './minter.ts';
import { LocalDigests } from './own-digests.ts';
import { OwnIdentity } from './own-identity.ts';
import { RecoveringPartitions } from './recovering.ts';
import { LocalReplica } from './replica.ts';
import { Scrub } from './scrub.ts';
import { SegmentLedger } from './segment-ledger.ts';
import type { BatchTrail } from './trail.ts';

export interface OpeningPorts {
  readonly name: NodeName;
  readonly durability: Durability;
  readonly store: Store;
  readonly identity: DurableFile;
  readonly floor: Floor;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly onDamage: (place: KeyPlace) => void;
  readonly isUnvouched: () => boolean;
  /** False in tests of what works without hints. */
  readonly keepsHints?: boolean | undefined;
  /** Whether this node is itself an owner of the key; only asked when something is written. */
  readonly owns: (place: KeyPlace) => boolean;
  /** A record shows that the store was rolled back underneath this node: acknowledged rows are missing. */
  readonly onRolledBack: () => void;
}

export interface OpenReplica {
  readonly replica: LocalReplica;
  readonly committer: Committer;
  readonly segments: SegmentLedger;
  readonly counters: CounterLedger;
  readonly trail: BatchTrail;
  readonly minter: Minter;
  readonly hints: Hints;
  readonly custody: Custody;
  readonly scrub: Scrub;
  readonly digests: LocalDigests;
  readonly comparing: LocalComparisons;
  readonly recovering: RecoveringPartitions;
  /** As it is now, without its clean mark. */
  readonly identity: () => Identity;
  /** `keep`: the old incarnation stays if no other member knows more of it than we do. */
  readonly verdict: Verdict['kind'];
  /**
   * All of it may be missing something, and it is another store from now on, durably when this resolves: what
   * others remember of the old one says nothing of it. Otherwise every restart would find it rolled back
   * again, until it had come further than that once was.
   */
  renewStore(): Promise<void>;
  /**
   * Commits what is queued, closes the store, and leaves the clean mark if all of that went well. Rejects
   * with StoreFailed if not.
   */
  close(): Promise<void>;
}

/**
 * Rejects with StartUpError when the directory belongs to another node, or what is in it cannot be trusted to
 * be a node's.
 */
export async function openReplica(ports: OpeningPorts): Promise<OpenReplica> {
  const former = await readFormerSelf(ports);
  const kept = await loadKept(ports, former);
  followVerdict(former, kept, ports);
  await payOwed(former, kept);
  // Not before: the first batch is theirs who have something to mark (replica/trail).
  await moveFormerRows({ ...ports, committer: kept.committer });
  return putTogether(ports, former, kept);
}

type Kept = Awaited<ReturnType<typeof loadKept>>;

/** What is kept beside the rows, and the committer by which it is written from now on with them. */
async function loadKept(ports: OpeningPorts, { held, storeId, trail, counters }: FormerSelf) {
  const { store, metrics } = ports;
  const segments = await SegmentLedger.load(store, PARTITIONS);
  const voidHints: Uint8Array[] = [];
  const index = await HintIndex.load(store, key => voidHints.push(key));
  const committer = new Committer({ store, metrics, ledgers: [segments, counters, trail, index] });
  return {
    segments,
    index,
    voidHints,
    committer,
    recovering: new RecoveringPartitions({ store, committer, born: storeId !== undefined }),
    minter: new Minter({ ...ports, counters }),
    own: new OwnIdentity({ ...ports, file: ports.identity, held, storeId, committer, counters }),
  };
}

/** Tells what was found, and goes on under the old incarnation or a new one, as the verdict is. */
function followVerdict(
  { verdict, counters }: FormerSelf,
  { recovering, minter }: Kept,
  { log }: OpeningPorts,
): void {
  if (verdict.lost) log.warn('recovering: acknowledged records may be missing', { why: verdict.reason });
  else if (!recovering.told) log.warn('recovering: the store no longer tells which partitions are whole');
  if (verdict.kind === 'draw') minter.renew(verdict.reason);
  else
    log.info('incarnation kept so far', {
      why: verdict.reason,
      incarnation: printIncarnation(counters.incarnation),
    });
}

/**
 * 1. what was lost, in the very first batch; 2. the file without its mark; 3. only then may anything be
 * minted (core/membership/identity).
 */
async function payOwed({ verdict, storeId }: FormerSelf, { recovering, own }: Kept): Promise<void> {
  const marked = verdict.lost || !recovering.told ? recovering.markAll() : undefined;
  const first = storeId === undefined ? [recovering.write(), own.writeStoreId()] : [];
  await Promise.all([marked, ...first]);
  await own.takeMarkAway();
}

function putTogether(ports: OpeningPorts, former: FormerSelf, kept: Kept): OpenReplica {
  const { trail, counters, verdict } = former;
  const { segments, index, voidHints, committer, recovering, minter, own } = kept;
  const hints = new Hints({ ...ports, committer, index });
  hints.voided(voidHints);
  const replica = new LocalReplica({ ...ports, committer, segments, minter, hints, recovering });
  const custody = new Custody({ committer, segments, hints, replica });
  const scrub = new Scrub({ ...ports, committer, segments, replica });
  const digests = new LocalDigests({ ...ports, segments, replica, suspect: place => scrub.suspect(place) });
  const comparing = new LocalComparisons({ ...ports, own: digests, recovering, replica });
  return {
    replica,
    committer,
    segments,
    counters,
    trail,
    minter,
    hints,
    custody,
    scrub,
    digests,
    comparing,
    recovering,
    identity: () => own.now,
    verdict: verdict.kind,
    renewStore: async () => {
      // The marks first: an id without them would be that of a whole store, of which nobody knows anything.
      await recovering.markAll();
      await own.renewStore();
    },
    close: () => closeReplica({ ...ports, committer, counters, trail, own }),
  };
}
