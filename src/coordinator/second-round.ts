/**
 * The second round of an overwrite (DESIGN §6, *overwrite*): a replica that acknowledged the first held
 * something unseen, so its row is fetched and merged in, what of it the acknowledgement's vector covers is
 * taken out, and that is shipped, before the client has its answer. Whatever came later is concurrent with
 * the overwrite, stays, and is shown in the reply (I2). An overwrite that was itself replaced meanwhile takes
 * nothing out, and is acknowledged only once that is gone (I9).
 */
import { passOnBugs } from '../base/assert.ts';
import { ShoalError } from '../base/errors.ts';
import type { WriteId } from '../base/ids.ts';
import { type SealedRecord, sameDigest } from '../core/record/codec.ts';
import { merge, overwriteUnseen, type Sibling, seenOf, stands } from '../core/record/record.ts';
import { compareDots, covers } from '../core/record/version-vector.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Call } from '../ports/call.ts';
import type { ReadReply } from '../ports/replica.ts';
import type { Updated } from '../ports/updates.ts';
import type { Change } from './changes.ts';
import type { CoordinatorParts } from './parts.ts';
import type { Ack, WriteRoundResult } from './write-round.ts';

export interface SecondRoundParts extends Pick<CoordinatorParts, 'peers' | 'clock' | 'metrics'> {
  readonly place: KeyPlace;
  readonly call: Call;
  /** Changes the own row. @throws ShoalError */
  readonly update: (change: Change['apply']) => Updated;
  /** Sends it to all, as the first round was. */
  readonly ship: (updated: Updated) => Promise<WriteRoundResult>;
}

/** A round that was shipped and acknowledged. */
export interface Done {
  readonly updated: Updated;
  readonly round: WriteRoundResult;
  readonly own: WriteId | undefined;
}

interface Unsettled extends Omit<Done, 'round'> {
  readonly unseen: readonly Sibling[];
}

interface Differing {
  readonly record: SealedRecord;
  /**
   * Those of its siblings that stood there when it acknowledged, by the vector of the ack. Whether it is
   * still the same row is not enough to ask: 1. only n3 holds P, which was acknowledged; 2. X overwrites
   * through n4, and n3 acknowledges it beside P; 3. before n4 fetches the row, Q is put beside X; 4. the row
   * is another one, so nothing of it would be taken out, and P would outlive X.
   */
  readonly stood: readonly Sibling[];
}

/** How often an overwrite that was itself replaced sees whether what it met is gone. */
const SHIPS_MAX = 3;

export class SecondRound {
  readonly #parts: SecondRoundParts;

  constructor(parts: SecondRoundParts) {
    this.#parts = parts;
  }

  /**
   * What is to be told to the client; the first round itself where nothing unseen was met. A retry only
   * merges and shows what it finds: 1. X overwrites, and its first try's answer is lost; 2. X is tried again
   * and acknowledged; 3. its client puts Z beside it; 4. the first try, late, must not take Z for something X
   * had not seen. That it is a retry may be known only elsewhere: the second try went through another node,
   * and this one has not heard of it. Rejects with ShoalError OUTCOME_UNKNOWN.
   */
  async settle(done: Done, { retried }: { retried: boolean }): Promise<Done> {
    const others = await this.#fetchDiffering(done);
    if (others.length === 0) return done;
    this.#parts.metrics.count('write.overwrite.second-round');
    const known = retried || others.some(({ record }) => hasTwin(record, done));
    const unseen = others.flatMap(({ stood }) => stood.filter(({ writeId }) => writeId !== done.own));
    const updated = this.#updateAgain((record, mint) => {
      const merged = others.reduce((sum, other) => merge(sum, other.record.record), record);
      if (known) return merged;
      return overwriteUnseen(merged, { own: done.own, unseen, freshDot: () => mint(seenOf(merged)).dot });
    });
    return await this.#shipGone({ updated, unseen: known ? [] : unseen, own: done.own });
  }

  /**
   * Ships this row until nothing of `unseen` stands in it. Something does where the write was itself
   * replaced, and to take it out is not its to do any more (core/record, *overwriteUnseen*). But it is in
   * this node's row now, where the next overwrite meets it: of many that write one key at once, hardly
   * one is left without an answer. The last row is merged in again, as it may have been lost meanwhile.
   */
  async #shipGone({ updated, unseen, own }: Unsettled): Promise<Done> {
    for (let left = SHIPS_MAX, row = updated; left > 0; left--) {
      const round = await this.#parts.ship(row);
      const { digest, record } = row.sealed;
      if (!unseen.some(({ dot }) => stands(record, dot))) return { updated: row, round, own };
      row = this.#updateAgain(current => merge(current, record));
      if (sameDigest(digest, row.sealed.digest)) break;
    }
    throw unsettled('it was itself replaced, by whom cannot be told');
  }

  /** The rows of counted replicas that hold something this node's row does not. */
  async #fetchDiffering({ updated, round }: Done): Promise<readonly Differing[]> {
    const differing = round.acks.filter(({ digest }) => !sameDigest(digest, updated.sealed.digest));
    return await Promise.all(differing.map(ack => this.#fetch(ack)));
  }

  /**
   * One that cannot be had may hold what the client asked to be rid of: to acknowledge would be to promise
   * that it is gone (I9).
   */
  async #fetch({ node, vector }: Ack): Promise<Differing> {
    const { place, call, peers } = this.#parts;
    const record = await recordOf(peers.replica(node).read({ place, digestOnly: false }, call));
    if (record === undefined) throw unsettled(`what ${node} holds beside it cannot be had`);
    const stood = record.record.siblings.filter(({ dot }) => covers(vector, dot));
    return { record, stood };
  }

  /**
   * The first round was sent, so whatever refuses the second leaves the outcome unknown; nor is it begun when
   * nobody waits (I10).
   */
  #updateAgain(change: Change['apply']): Updated {
    const { call, clock, update } = this.#parts;
    if (call.cancelled || call.deadline <= clock.now()) throw unsettled('there was no time left');
    try {
      return update(change);
    } catch (cause) {
      throw cause instanceof ShoalError ? unsettled(cause.detail, cause) : cause;
    }
  }
}

async function recordOf(reply: ReadReply | Promise<ReadReply>): Promise<SealedRecord | undefined> {
  try {
    return (await reply).record;
  } catch (error) {
    passOnBugs(error);
    return undefined;
  }
}

/** Whether this row knows another try of the write than the one that has just been made. */
function hasTwin({ record }: SealedRecord, { updated, own }: Done): boolean {
  if (own === undefined) return false;
  const made = updated.sealed.record.siblings.find(({ writeId }) => writeId === own);
  const twin = record.siblings.some(
    ({ writeId, dot }) => writeId === own && (made === undefined || compareDots(dot, made.dot) !== 0),
  );
  const isThere = made !== undefined && stands(record, made.dot);
  return twin || (isThere && record.overwritten.some(({ writeId }) => writeId === own));
}

function unsettled(why: string, cause?: ShoalError): ShoalError {
  return new ShoalError(
    'OUTCOME_UNKNOWN',
    `the write was acknowledged, but what stood beside it unseen may still be there: ${why}`,
    { outcome: 'unknown', cause },
  );
}
