/**
 * A write at its coordinator: update the own row in one tick, ship the whole record, reply at W (DESIGN §6,
 * *put* and *overwrite*).
 *
 * An overwrite needs no read first: it covers what the coordinator's row shows, and each ack's digest tells
 * whether that replica held something unseen. If one of the counted W did, its row is fetched and merged in,
 * and what of it the ack's vector covers is taken out by a second round; whatever came later is concurrent
 * with the overwrite, stays, and is shown in the reply (I2). An overwrite that was itself replaced meanwhile
 * takes nothing out, and is acknowledged only once that is gone (I9).
 */
import { passOnBugs } from '../base/assert.ts';
import { ShoalError } from '../base/errors.ts';
import type { WriteId } from '../base/ids.ts';
import type { Cluster } from '../core/membership/cluster.ts';
import type { Candidate, Plan } from '../core/quorum/candidates.ts';
import { type SealedRecord, sameDigest } from '../core/record/codec.ts';
import { checkGrowth } from '../core/record/growth.ts';
import {
  knowsWrite,
  merge,
  overwrite,
  overwriteUnseen,
  put,
  type Record,
  remove,
  type Seen,
  type Sibling,
  seenOf,
  stands,
} from '../core/record/record.ts';
import { compareDots, covers } from '../core/record/version-vector.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Call } from '../ports/call.ts';
import type { ReadReply } from '../ports/replica.ts';
import type { WriteReply } from '../ports/requests.ts';
import type { Mint, Updated } from '../ports/updates.ts';
import type { CoordinatorParts } from './parts.ts';
import { writeReply } from './replies.ts';
import { type Ack, WriteRound, type WriteRoundResult } from './write-round.ts';

export interface WriteRequest {
  readonly cluster: Cluster;
  readonly place: KeyPlace;
  readonly plan: Plan;
  /** What this node is in the plan. */
  readonly here: Candidate;
  readonly required: number;
  readonly strict: boolean;
  readonly call: Call;
}

/** What a write does to a row. */
export interface Change {
  readonly apply: (record: Record, mint: Mint) => Record;
  /** The write that is to be left standing; none for a delete. */
  readonly writeId: WriteId | undefined;
  readonly overwrites: boolean;
}

/** How often an overwrite that was itself replaced sees whether what it met is gone. */
const SHIPS_MAX = 3;

type Covers = Seen | 'whatever is there';

export function insertion({
  writeId,
  value,
  seen,
}: {
  writeId: WriteId;
  value: Uint8Array;
  seen: Covers;
}): Change {
  return {
    writeId,
    overwrites: seen === 'whatever is there',
    // A retry mints nothing: the write is known here (DESIGN §4, *put*).
    apply: (record, mint) => {
      if (knowsWrite(record, writeId)) return record;
      const overwrites = seen === 'whatever is there';
      const write = { writeId, value, ...mint(overwrites ? seenOf(record) : seen) };
      const after = overwrites ? overwrite(record, write) : put(record, { seen, write });
      checkGrowth({ before: record, after });
      return after;
    },
  };
}

export function deletion(seen: Covers): Change {
  return {
    writeId: undefined,
    overwrites: seen === 'whatever is there',
    apply: record => {
      if (seen === 'whatever is there') return remove(record, seenOf(record));
      // A context that was made up brings a vector of any size, and nothing ever takes it out again.
      const after = remove(record, seen);
      checkGrowth({ before: record, after });
      return after;
    },
  };
}

export class Write {
  readonly #request: WriteRequest;
  readonly #parts: CoordinatorParts;

  constructor(request: WriteRequest, parts: CoordinatorParts) {
    this.#request = request;
    this.#parts = parts;
  }

  /** @throws ShoalError at once if the change is refused; once it is made, the promise rejects */
  run(change: Change): Promise<WriteReply> {
    const { writeId: own, overwrites } = change;
    const updated = this.#update(change.apply);
    const retried = own !== undefined && knowsWrite(updated.before, own);
    return this.#ship(updated, { asRead: overwrites }).then(round =>
      overwrites
        ? this.#settleUnseen({ updated, round, own }, { retried })
        : this.#reply({ updated, round, own }),
    );
  }

  /**
   * The second round. A retry only merges and shows what it finds: 1. X overwrites, and its first try's
   * answer is lost; 2. X is tried again and acknowledged; 3. its client puts Z beside it; 4. the first try,
   * late, must not take Z for something X had not seen. That it is a retry may be known only elsewhere: the
   * second try went through another node, and this one has not heard of it.
   */
  async #settleUnseen(done: Done, { retried }: { retried: boolean }): Promise<WriteReply> {
    const others = await this.#fetchDiffering(done);
    if (others.length === 0) return this.#reply(done);
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
  async #shipGone({ updated, unseen, own }: Unsettled): Promise<WriteReply> {
    for (let left = SHIPS_MAX, row = updated; left > 0; left--) {
      const round = await this.#ship(row, { asRead: false });
      const { digest, record } = row.sealed;
      if (!unseen.some(({ dot }) => stands(record, dot))) return this.#reply({ updated: row, round, own });
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
    const { place, call } = this.#request;
    const record = await recordOf(this.#parts.peers.replica(node).read({ place, digestOnly: false }, call));
    if (record === undefined) throw unsettled(`what ${node} holds beside it cannot be had`);
    const stood = record.record.siblings.filter(({ dot }) => covers(vector, dot));
    return { record, stood };
  }

  /**
   * The first round was sent, so whatever refuses the second leaves the outcome unknown; nor is it begun when
   * nobody waits (I10).
   */
  #updateAgain(change: Change['apply']): Updated {
    const { call } = this.#request;
    if (call.cancelled || call.deadline <= this.#parts.clock.now()) throw unsettled('there was no time left');
    try {
      return this.#update(change);
    } catch (cause) {
      throw cause instanceof ShoalError ? unsettled(cause.detail, cause) : cause;
    }
  }

  #update(change: Change['apply']): Updated {
    const { place, plan, here } = this.#request;
    const missing = here.standsInFor === undefined ? plan.missed : [here.standsInFor, ...plan.missed];
    return this.#parts.local.update({ place, change, missing });
  }

  #ship(
    { sealed, committed, recovering }: Updated,
    { asRead }: { asRead: boolean },
  ): Promise<WriteRoundResult> {
    const { place, plan, here, required, strict, call } = this.#request;
    const local = { candidate: here, committed, recovering };
    const request = { place, sealed, local, plan, required, strict, asRead, call };
    return new WriteRound(request, this.#parts).run();
  }

  #reply({ updated, round, own }: Done): WriteReply {
    const { cluster, place, required } = this.#request;
    const replicas = { required, answered: round.answered, fallback: round.fallback, unrepaired: 0 };
    return writeReply({ record: updated.sealed.record, own, replicas, of: { cluster: cluster.id, place } });
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

interface Done {
  readonly updated: Updated;
  readonly round: WriteRoundResult;
  readonly own: WriteId | undefined;
}

interface Unsettled {
  readonly updated: Updated;
  readonly unseen: readonly Sibling[];
  readonly own: WriteId | undefined;
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

/** Whether this row knows another try of the write than the one that has just been made. */
function hasTwin({ record }: SealedRecord, done: Done): boolean {
  const { own } = done;
  if (own === undefined) return false;
  const made = madeBy(done);
  const twin = record.siblings.some(
    ({ writeId, dot }) => writeId === own && (made === undefined || compareDots(dot, made.dot) !== 0),
  );
  return twin || (isThere({ record }, done) && record.overwritten.some(({ writeId }) => writeId === own));
}

/** Whether the write stands in this row as it was made; a delete does everywhere. */
function isThere({ record }: Pick<SealedRecord, 'record'>, done: Done): boolean {
  const made = madeBy(done);
  return done.own === undefined || (made !== undefined && stands(record, made.dot));
}

function madeBy({ updated, own }: Done): Sibling | undefined {
  return updated.sealed.record.siblings.find(({ writeId }) => writeId === own);
}

function unsettled(why: string, cause?: ShoalError): ShoalError {
  return new ShoalError(
    'OUTCOME_UNKNOWN',
    `the write was acknowledged, but what stood beside it unseen may still be there: ${why}`,
    { outcome: 'unknown', cause },
  );
}
