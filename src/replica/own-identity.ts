/**
 * This node's identity while it runs, and how it is written down: in its file, and the store's id in a row of
 * the store, too. The file has no clean mark from the start until all has ended well. What a later start may
 * conclude from it is not decided here (core/membership/identity).
 */
import { Buffer } from 'node:buffer';
import { INCARNATION_BYTES, incarnation } from '../base/ids.ts';
import {
  type CleanMark,
  type Durability,
  type Identity,
  identityContent,
  UNBORN,
} from '../core/membership/identity.ts';
import type { DurableFile } from '../ports/durable-file.ts';
import type { Random } from '../ports/random.ts';
import type { Committer } from './committer.ts';
import type { CounterLedger } from './counter-ledger.ts';
import { storeIdRow } from './store-id.ts';

export interface OwnIdentityParts {
  /** What the file held at the start. */
  readonly held: Identity;
  /** Undefined: the store has none yet. */
  readonly storeId: string | undefined;
  /** As this process was started. */
  readonly durability: Durability;
  readonly file: DurableFile;
  readonly random: Random;
  readonly committer: Pick<Committer, 'queue'>;
  readonly counters: Pick<CounterLedger, 'incarnation'>;
}

export class OwnIdentity {
  readonly #parts: OwnIdentityParts;
  #storeId: string;

  constructor(parts: OwnIdentityParts) {
    this.#parts = parts;
    this.#storeId = parts.storeId ?? parts.held.storeId;
  }

  /** Without its clean mark. */
  get now(): Identity {
    const { held, durability, counters } = this.#parts;
    const { incarnation } = counters;
    return { ...held, storeId: this.#storeId, incarnation, durability, clean: undefined };
  }

  /** Resolves when the file has no clean mark. */
  async takeMarkAway(): Promise<void> {
    await this.#parts.file.write(identityContent(this.now));
  }

  /** Resolves when the file has this clean mark. */
  async leaveMark(clean: CleanMark): Promise<void> {
    await this.#parts.file.write(identityContent({ ...this.now, clean }));
  }

  /** Resolves when the store has its id, durably. */
  async writeStoreId(): Promise<void> {
    await this.#parts.committer.queue([storeIdRow(this.#storeId)]);
  }

  /** Another store from now on; resolves when both it and the file say so. */
  async renewStore(): Promise<void> {
    this.#storeId = drawn(this.#parts.random);
    await this.writeStoreId();
    await this.takeMarkAway();
  }
}

/** Of a data directory that was never used. */
export function newIdentity({
  name,
  durability,
  random,
}: Pick<Identity, 'name' | 'durability'> & { readonly random: Random }): Identity {
  return {
    name,
    durability,
    nonce: drawn(random),
    storeId: drawn(random),
    incarnation: incarnation(random.bytes(INCARNATION_BYTES)),
    clean: UNBORN,
  };
}

/** 32 hex digits. */
function drawn(random: Random): string {
  return Buffer.from(random.bytes(16)).toString('hex');
}
