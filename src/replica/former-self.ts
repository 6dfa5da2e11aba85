/**
 * Who this node was before this start, by all that tells of it, and the verdict whether it may go on being
 * that (core/membership/identity has the rules and the story; I3). What tells of it: the identity file, the
 * floor, and in the store its id, the batch trail and the counters. Only reads, but for the file of a node
 * that is new.
 */
import { StartUpError } from '../base/errors.ts';
import type { NodeName } from '../base/ids.ts';
import {
  type Durability,
  type Identity,
  identityContent,
  judgeOpening,
  readIdentity,
  type Verdict,
} from '../core/membership/identity.ts';
import type { DurableFile } from '../ports/durable-file.ts';
import type { Floor } from '../ports/floor.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';
import { CounterLedger } from './counter-ledger.ts';
import { newIdentity } from './own-identity.ts';
import { readStoreId } from './store-id.ts';
import { BatchTrail } from './trail.ts';

export interface FormerSelfPorts {
  readonly name: NodeName;
  readonly durability: Durability;
  readonly store: Store;
  readonly identity: DurableFile;
  readonly floor: Floor;
  readonly random: Random;
}

export interface FormerSelf {
  readonly held: Identity;
  /** Undefined: the store has never held anything, or has lost it. */
  readonly storeId: string | undefined;
  readonly trail: BatchTrail;
  readonly counters: CounterLedger;
  readonly verdict: Acceptance;
}

export type Acceptance = Exclude<Verdict, { readonly kind: 'refuse' }>;

/**
 * Rejects with StartUpError when the directory belongs to another node, or what is in it cannot be trusted to
 * be a node's.
 */
export async function readFormerSelf(ports: FormerSelfPorts): Promise<FormerSelf> {
  const { name, store, floor } = ports;
  const { identity, copied } = await heldIdentity(ports);
  const trail = await BatchTrail.load(store, floor);
  const counters = await CounterLedger.load(store, identity.incarnation);
  const storeId = readStoreId(store);
  const verdict = judgeOpening({
    name,
    identity,
    copied,
    store: { id: storeId, lastBatch: trail.last, trailBroken: trail.broken, counter: counters.last },
    floor: await floor.read(),
  });
  if (verdict.kind === 'refuse')
    throw new StartUpError('not the data directory of this node', { advice: verdict.reason });
  return { held: identity, storeId, trail, counters, verdict };
}

/** The identity in the file; a new one, written down before anything else, when there is none. */
async function heldIdentity(ports: FormerSelfPorts): Promise<{ identity: Identity; copied: boolean }> {
  const held = await ports.identity.read();
  if (held === undefined) return { identity: await born(ports), copied: false };
  const identity = readIdentity(held.content);
  if (identity !== undefined) return { identity, copied: held.copied };
  throw new StartUpError('the identity file of the data directory is not one of Shoal', {
    advice: 'wipe the directory and start again under the same name; the node fills up from its peers',
  });
}

async function born(ports: FormerSelfPorts): Promise<Identity> {
  const identity = newIdentity(ports);
  await ports.identity.write(identityContent(identity));
  return identity;
}
