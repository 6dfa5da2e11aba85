/**
 * Opens this node's replica on its store: loads what is kept beside the rows, judges whether it may go on
 * being who it was, and pays what that verdict owes in the order that no crash can cheat
 * (core/membership/identity has the rules and the story; I3, I5).
 */
import { Buffer } from 'node:buffer';
import { StartUpError } from '../base/errors.ts';
import { INCARNATION_BYTES, incarnation, type NodeName, printIncarnation } from '../base/ids.ts';
import {
  type Durability,
  type Identity,
  identityContent,
  judgeOpening,
  readIdentity,
  UNBORN,
  type Verdict,
} from '../core/membership/identity.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import { PARTITIONS } from '../core/ring/placement.ts';
import { decodeSmallRow, encodeSmallRow } from '../core/rows/small-row.ts';
import type { Clock } from '../ports/clock.ts';
import type { DurableFile } from '../ports/durable-file.ts';
import type { Floor } from '../ports/floor.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Random } from '../ports/random.ts';
import type { Operation, Store } from '../ports/store.ts';
import { Committer } from './committer.ts';
import { LocalComparisons } from './comparing.ts';
import { CounterLedger } from './counter-ledger.ts';
import { Custody } from './custody.ts';
import { moveFormerRows } from './former-rows.ts';
import { HintIndex } from './hint-index.ts';
import { Hints } from './hints.ts';
import { factKey } from './layout.ts';
import { Minter } from './minter.ts';
import { LocalDigests } from './own-digests.ts';
import { RecoveringPartitions } from './recovering.ts';
import { LocalReplica } from './replica.ts';
import { Scrub } from './scrub.ts';
import { SegmentLedger } from './segment-ledger.ts';
import { BatchTrail } from './trail.ts';

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

const STORE_ID_KEY = factKey('store');

/**
 * Rejects with StartUpError when the directory belongs to another node, or what is in it cannot be trusted to
 * be a node's.
 */
export async function openReplica(ports: OpeningPorts): Promise<OpenReplica> {
  const { store, log } = ports;
  const held = await heldIdentity(ports);
  const trail = await BatchTrail.load(store, ports.floor);
  const counters = await CounterLedger.load(store, held.identity.incarnation);
  const storeId = readStoreId(store);
  const verdict = judgeOpening({
    name: ports.name,
    identity: held.identity,
    copied: held.copied,
    store: { id: storeId, lastBatch: trail.last, trailBroken: trail.broken, counter: counters.last },
    floor: await ports.floor.read(),
  });
  if (verdict.kind === 'refuse')
    throw new StartUpError('not the data directory of this node', { advice: verdict.reason });

  const segments = await SegmentLedger.load(store, PARTITIONS);
  const voidHints: Uint8Array[] = [];
  const index = await HintIndex.load(store, key => voidHints.push(key));
  const ledgers = [segments, counters, trail, index];
  const committer = new Committer({ store, metrics: ports.metrics, ledgers });
  const recovering = new RecoveringPartitions({ store, committer, born: storeId !== undefined });
  const minter = new Minter({ ...ports, counters });
  if (verdict.lost) log.warn('recovering: acknowledged records may be missing', { why: verdict.reason });
  else if (!recovering.told) log.warn('recovering: the store no longer tells which partitions are whole');
  if (verdict.kind === 'draw') minter.renew(verdict.reason);
  else
    log.info('incarnation kept so far', {
      why: verdict.reason,
      incarnation: printIncarnation(counters.incarnation),
    });

  // 1. what was lost, in the very first batch; 2. the file without its mark; 3. only then may anything be
  // minted (core/membership/identity).
  let identity: Identity = {
    ...held.identity,
    storeId: storeId ?? held.identity.storeId,
    incarnation: counters.incarnation,
    durability: ports.durability,
    clean: undefined,
  };
  const marked = verdict.lost || !recovering.told ? recovering.markAll() : undefined;
  const first =
    storeId === undefined ? [recovering.write(), committer.queue([storeIdRow(identity.storeId)])] : [];
  await Promise.all([marked, ...first]);
  await ports.identity.write(identityContent(identity));
  // Not before: the first batch is theirs who have something to mark (replica/trail).
  await moveFormerRows({ store, committer, log });

  const hints = new Hints({ ...ports, committer, index });
  hints.voided(voidHints);
  const replica = new LocalReplica({ ...ports, committer, segments, minter, hints, recovering });
  const custody = new Custody({ committer, segments, hints, replica });
  const scrub = new Scrub({ ...ports, committer, segments, replica });
  const digests = new LocalDigests({ ...ports, segments, replica, suspect: place => scrub.suspect(place) });
  const comparing = new LocalComparisons({ ...ports, own: digests, recovering, replica });
  // The marks first: an id without them would be that of a whole store, of which nobody knows anything.
  const renewStore = async () => {
    await recovering.markAll();
    identity = { ...identity, storeId: hex(ports.random, 16) };
    await committer.queue([storeIdRow(identity.storeId)]);
    await ports.identity.write(identityContent({ ...identity, incarnation: counters.incarnation }));
  };
  const close = async () => {
    try {
      await committer.flush();
      // Brings in what the ledgers still hold. Without it: 1. a put takes a dot and is refused for its size;
      // 2. the node stops, its mark says one counter more than its store; 3. the next start finds that the
      // store "has lost its counter", and all of it recovers.
      await committer.queue([storeIdRow(identity.storeId)]);
    } finally {
      await store.close();
    }
    if (committer.faulted !== undefined) return;
    const clean = { counter: counters.last, batch: trail.last };
    await ports.identity.write(identityContent({ ...identity, incarnation: counters.incarnation, clean }));
  };
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
    identity: () => identity,
    verdict: verdict.kind,
    renewStore,
    close,
  };
}

/** The identity in the file; a new one, written down before anything else, when there is none. */
async function heldIdentity(ports: OpeningPorts): Promise<{ identity: Identity; copied: boolean }> {
  const held = await ports.identity.read();
  if (held !== undefined) {
    const identity = readIdentity(held.content);
    if (identity !== undefined) return { identity, copied: held.copied };
    throw new StartUpError('the identity file of the data directory is not one of Shoal', {
      advice: 'wipe the directory and start again under the same name; the node fills up from its peers',
    });
  }
  const identity = newIdentity(ports);
  await ports.identity.write(identityContent(identity));
  return { identity, copied: false };
}

function newIdentity({ name, durability, random }: OpeningPorts): Identity {
  return {
    name,
    durability,
    nonce: hex(random, 16),
    storeId: hex(random, 16),
    incarnation: incarnation(random.bytes(INCARNATION_BYTES)),
    clean: UNBORN,
  };
}

function readStoreId(store: Store): string | undefined {
  const value = store.get(STORE_ID_KEY);
  const body = value && decodeSmallRow({ key: STORE_ID_KEY, value });
  return body && Buffer.from(body).toString('hex');
}

function storeIdRow(id: string): Operation {
  return { key: STORE_ID_KEY, value: encodeSmallRow({ key: STORE_ID_KEY, body: Buffer.from(id, 'hex') }) };
}

function hex(random: Random, bytes: number): string {
  return Buffer.from(random.bytes(bytes)).toString('hex');
}
