/**
 * Who a node is, and whether it may go on being that after a restart (DESIGN §4, *Incarnations*; I3; TRAPS
 * §0.3, C5, C6).
 *
 * An incarnation may mint only while its node remembers every dot it ever gave out. After anything but a
 * clean stop that cannot be known: 1. a mints (a,7) and ships it while its own commit is under way; 2. b and
 * c ack, W = 2 is met; 3. a dies before its commit;
 * 4. back again, a has no (a,7), writes the key as (a,8), and its vector claims (a,7): the acknowledged write
 * dies at the next merge. So in any doubt a new one is drawn, which claims nothing. A node whose store may
 * have *lost* acknowledged rows must beyond that merge every partition with its other owners before it counts
 * in a strict read (I5).
 *
 * What the caller owes, in this order, so that no crash between two steps forgets a loss:
 *   1. lost: mark every partition recovering, in the very first batch (with it the trail's break is gone);
 * 2. write the file without its clean mark, with the verdict's incarnation and the store's id (with it
 * `copied` is gone);
 * 3. only then mint. The mark comes back when the last batch is durable and the store has closed without
 * error. A birth writes the file first, with the mark of a store that never held anything ({@link UNBORN}).
 * Not decided here: what the other members know of our incarnation; a verdict `keep` still waits for their
 * word.
 */
import { Buffer } from 'node:buffer';
import { type Incarnation, incarnation, type NodeName, nodeName, printIncarnation } from '../../base/ids.ts';

/** What the identity file holds. */
export interface Identity {
  readonly name: NodeName;
  /** Drawn with the data directory (32 hex digits): part of what the cluster's id is made of. */
  readonly nonce: string;
  /** Also a row in the store (32 hex digits): LevelDB can come back empty, or as another one. */
  readonly storeId: string;
  readonly incarnation: Incarnation;
  /**
   * How the process that wrote this was started: what its crash can have cost, however the next one is
   * started.
   */
  readonly durability: Durability;
  /** Only between a clean stop and the next start. */
  readonly clean: CleanMark | undefined;
}

/** `fsync`: acknowledged is durable. `os`: a power cut takes the last seconds with it. */
export type Durability = 'fsync' | 'os';

export interface CleanMark {
  /** The last counter given out. */
  readonly counter: number;
  /** The store's last batch. */
  readonly batch: number;
}

/** The mark of a directory whose store has never held anything. */
export const UNBORN: CleanMark = { counter: 0, batch: 0 };

/** All that is known when a data directory has been opened. */
export interface Opening {
  /** What the operator calls the node now. */
  readonly name: NodeName;
  readonly identity: Identity;
  /** The file is a copy: a restored backup, a cloned disk. */
  readonly copied: boolean;
  readonly store: OpenedStore;
  /** A batch that was committed, as noted outside the store; undefined if there is no note. */
  readonly floor: number | undefined;
}

export interface OpenedStore {
  /** Undefined: the store holds none. */
  readonly id: string | undefined;
  readonly lastBatch: number;
  /** Batches before the last are missing. */
  readonly trailBroken: boolean;
  /** The last counter it knows of the file's incarnation. */
  readonly counter: number;
}

/** `reason` is for the log. `lost`: the store may have lost acknowledged rows. */
export type Verdict =
  | { readonly kind: 'keep'; readonly reason: string; readonly lost: false }
  | { readonly kind: 'draw'; readonly reason: string; readonly lost: boolean }
  | { readonly kind: 'refuse'; readonly reason: string };

export function judgeOpening(opening: Opening): Verdict {
  const { name, identity } = opening;
  if (identity.name !== name) {
    const whose = `the data directory belongs to node ${identity.name}, not to ${name}`;
    return { kind: 'refuse', reason: `${whose}: give the right --name, or another --data` };
  }
  if (isUnborn(opening)) return { kind: 'draw', reason: 'the store has never held anything', lost: false };
  const doubt = DOUBTS.find(({ when }) => when(opening));
  if (doubt) return { kind: 'draw', reason: doubt.reason, lost: doubt.lost };
  return { kind: 'keep', reason: 'it was stopped cleanly, and the store agrees', lost: false };
}

interface Doubt {
  readonly when: (opening: Opening) => boolean;
  readonly reason: string;
  readonly lost: boolean;
}

/**
 * Each reason to draw a new incarnation; the first that holds is told. Those that mean a loss come first, so
 * that none is passed over.
 */
const DOUBTS: readonly Doubt[] = [
  {
    when: ({ store }) => store.id === undefined,
    reason: 'the store is empty, but once was not',
    lost: true,
  },
  {
    when: ({ store, identity }) => store.id !== identity.storeId,
    reason: 'the store is another one than before',
    lost: true,
  },
  {
    when: ({ copied }) => copied,
    reason: 'the data directory is a copy',
    lost: true,
  },
  {
    when: ({ store }) => store.trailBroken,
    reason: 'the store has lost batches in the middle of its log',
    lost: true,
  },
  {
    when: ({ store, floor }) => floor !== undefined && store.lastBatch < floor,
    reason: 'the store has lost its last batches, or was rolled back',
    lost: true,
  },
  {
    when: ({ store, identity: { clean } }) => clean !== undefined && store.lastBatch < clean.batch,
    reason: 'the store is older than its last clean stop',
    lost: true,
  },
  {
    // The batches are all there, and yet a row is not what it was: others may be gone like it.
    when: ({ store, identity: { clean } }) => clean !== undefined && store.counter < clean.counter,
    reason: 'the store has lost its counter',
    lost: true,
  },
  {
    when: ({ identity }) => identity.clean === undefined && identity.durability === 'os',
    reason: 'it was not stopped cleanly, and wrote without fsync',
    lost: true,
  },
  {
    when: ({ identity }) => identity.clean === undefined,
    reason: 'it was not stopped cleanly',
    lost: false,
  },
  {
    when: ({ store, identity: { clean } }) =>
      store.lastBatch !== clean?.batch || store.counter !== clean.counter,
    reason: 'the store went on after its last clean stop',
    lost: false,
  },
];

/** Nothing can be lost that never was: a birth that was cut short, before the first batch. */
function isUnborn({ identity: { clean }, store }: Opening): boolean {
  return clean?.batch === 0 && store.id === undefined && store.lastBatch === 0;
}

/** What to write into the file: JSON. */
export function identityContent({ incarnation, clean, ...rest }: Identity): unknown {
  return { ...rest, incarnation: printIncarnation(incarnation), clean: clean ?? null };
}

/** The identity in a file's content, or undefined if there is none in it. */
export function readIdentity(content: unknown): Identity | undefined {
  const { name, nonce, storeId, incarnation: drawn, durability, clean } = fields(content);
  const mark = clean === null ? undefined : readMark(clean);
  if (typeof name !== 'string' || name === '' || !isHex(nonce, 16) || !isHex(storeId, 16)) return undefined;
  if (!isHex(drawn, 8) || (durability !== 'fsync' && durability !== 'os')) return undefined;
  if (clean !== null && mark === undefined) return undefined;
  const bytes = Buffer.from(drawn, 'hex');
  return { name: nodeName(name), nonce, storeId, incarnation: incarnation(bytes), durability, clean: mark };
}

function readMark(content: unknown): CleanMark | undefined {
  const { counter, batch } = fields(content);
  return isCount(counter) && isCount(batch) ? { counter, batch } : undefined;
}

function fields(content: unknown): Partial<Record<string, unknown>> {
  return typeof content === 'object' && content !== null ? { ...content } : {};
}

function isHex(text: unknown, bytes: number): text is string {
  return typeof text === 'string' && text.length === 2 * bytes && /^[0-9a-f]*$/.test(text);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
