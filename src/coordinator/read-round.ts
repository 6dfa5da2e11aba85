/**
 * One read: the whole record from the nearest replica, digests from the others, R counted; where they differ
 * everything is fetched and merged, and repaired before the reply (read-repair). A replica that fails, is
 * slower than its usual p95, or is recovering is joined by another one (DESIGN §6, *get*). Who counts is the
 * tally's business (I5).
 *
 * Nothing outlives the round (I10): once it is over, a late answer asks nobody else, and whatever hangs, a
 * local disk too, the deadline ends it.
 */
import { passOnBugs } from '../base/assert.ts';
import { isZero } from '../base/bytes.ts';
import { ShoalError } from '../base/errors.ts';
import type { NodeName } from '../base/ids.ts';
import type { Candidate, Plan } from '../core/quorum/candidates.ts';
import {
  addAnswer,
  addAsked,
  addFailure,
  addOverdue,
  agree,
  countedAnswers,
  newReadTally,
  type ReadAnswer,
  type ReadTally,
  readVerdict,
  type Spares,
  stale,
  standIns,
  withoutAnswer,
} from '../core/quorum/read-tally.ts';
import { includes, type Role } from '../core/quorum/write-tally.ts';
import { mergeSealed, type SealedRecord, sameDigest } from '../core/record/codec.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Call } from '../ports/call.ts';
import type { Timer } from '../ports/clock.ts';
import type { ReadReply } from '../ports/replica.ts';
import type { Replicas } from '../ports/requests.ts';
import { Missing } from './missing.ts';
import type { CoordinatorParts } from './parts.ts';
import { ReadRepair } from './read-repair.ts';

export interface ReadRoundRequest {
  readonly place: KeyPlace;
  readonly plan: Plan;
  readonly required: number;
  readonly strict: boolean;
  readonly call: Call;
}

export interface ReadRoundResult {
  /** Undefined when no replica that counts has ever heard of the key. */
  readonly shown: SealedRecord | undefined;
  readonly replicas: Replicas;
}

export class ReadRound {
  readonly #request: ReadRoundRequest;
  readonly #parts: CoordinatorParts;
  readonly #unasked: Candidate[];
  /** Whole records, from whomever they came. */
  readonly #records: SealedRecord[] = [];
  readonly #timers: Timer[] = [];
  #tally: ReadTally;
  readonly #missing: Missing;
  /** Enough has been answered: what differs is being fetched, and whoever answers now is not waited for. */
  #settling = false;
  /** It is decided, or too late: nobody else is asked. */
  #over = false;
  #resolve: (result: ReadRoundResult) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(request: ReadRoundRequest, parts: CoordinatorParts) {
    this.#request = request;
    this.#parts = parts;
    this.#tally = newReadTally(request);
    this.#missing = new Missing(request.plan.down);
    this.#unasked = [...parts.pace.order(request.plan.candidates), ...request.plan.spares.map(asSpare)];
  }

  /** Rejects with ShoalError QUORUM_UNREACHABLE. */
  run(): Promise<ReadRoundResult> {
    const { call, required } = this.#request;
    return new Promise<ReadRoundResult>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#after(call.deadline - this.#parts.clock.now(), () => this.#fail(this.#shortfall()));
      for (let i = 0; i < required; i++) this.#askNext();
      this.#judge();
    });
  }

  /** Ends the round as soon as enough has been answered, or cannot be any more. */
  #judge(): void {
    while (!this.#over && !this.#settling) {
      const verdict = readVerdict(this.#tally, this.#spares());
      if (verdict === 'met') this.#settle(countedAnswers(this.#tally, this.#spares()));
      else if (verdict === 'lost') this.#fail(this.#shortfall({ owingCount: true }));
      else if (this.#tally.waiting.length > 0) return;
      else if (!this.#askNext()) this.#fail(this.#shortfall());
    }
  }

  /** Nearly all reads find their replicas agreed, and are answered in the turn of the last answer. */
  #settle(counted: readonly ReadAnswer[]): void {
    const shown = this.#agreed(counted);
    if (shown !== 'differ') this.#decide(this.#result({ counted, shown, unrepaired: 0 }));
    else {
      this.#settling = true;
      this.#reconcile(counted).catch(error => this.#fail(error));
    }
  }

  /** What all of them hold, if it is one and the same, and was sent whole. */
  #agreed(counted: readonly ReadAnswer[]): SealedRecord | undefined | 'differ' {
    if (!agree(counted)) return 'differ';
    const { digest } = counted[0]!;
    return isZero(digest) ? undefined : (this.#heldUnder(digest) ?? 'differ');
  }

  /** Brings the counted ones together; judges anew when one of them could no longer show what it has. */
  async #reconcile(counted: readonly ReadAnswer[]): Promise<void> {
    const shown = await this.#fetchAndMerge(counted);
    if (this.#over) return;
    this.#settling = shown !== 'lost one';
    if (shown === 'lost one') return this.#judge();
    this.#over = true;
    const result = this.#result({ counted, shown, unrepaired: await this.#repair(counted, shown) });
    this.#decide(result);
  }

  #decide(result: ReadRoundResult): void {
    this.#end();
    this.#resolve(result);
  }

  #fail(error: unknown): void {
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    this.#over = true;
    for (const timer of this.#timers) timer.cancel();
  }

  /**
   * False when there is nobody left to ask, or no more to be asked. An answer that comes at once is in the
   * tally then: judge it.
   */
  #askNext(): boolean {
    if (this.#over || this.#request.call.cancelled) return false;
    const candidate = this.#unasked.shift();
    if (candidate === undefined) return false;
    const { place, call } = this.#request;
    // The whole record only until somebody is asked for it; the rest answer with its digest.
    const digestOnly = this.#records.length > 0 || this.#tally.waiting.length > 0;
    this.#tally = addAsked(this.#tally, candidate);
    const reply = this.#parts.peers.replica(candidate.node).read({ place, digestOnly }, call);
    if (reply instanceof Promise) this.#await(candidate, reply);
    else this.#answered(candidate, reply);
    return true;
  }

  #await(candidate: Candidate, reply: Promise<ReadReply>): void {
    const { node } = candidate;
    const asked = this.#parts.clock.now();
    reply.then(
      answer => {
        // How fast it reads its own disk says nothing about what to expect of others.
        if (node !== this.#parts.self) this.#parts.pace.note(node, this.#parts.clock.now() - asked);
        this.#answered(candidate, answer);
        this.#judge();
      },
      error => {
        passOnBugs(error);
        this.#failed(node, error);
        this.#judge();
      },
    );
    this.#watch(node, asked);
  }

  /** While it is silent, first another primary is asked beside it, at last whoever is next. */
  #watch(node: NodeName, asked: number): void {
    const { pace } = this.#parts;
    const leftMs = this.#request.call.deadline - asked;
    const hedgeMs = pace.hedgeMs(node, leftMs);
    this.#after(hedgeMs, () => {
      this.#hedge(node, 'primary');
      this.#after(pace.suspectMs(node, leftMs) - hedgeMs, () => this.#suspect(node));
    });
  }

  /**
   * Not only is somebody asked in its stead: 1. a key has never been written; 2. of its primaries n1 is dead,
   * n2 has just been frozen, n3 says that it has nothing; 3. so say the fallbacks, and it does not count
   * while a reachable primary owes its answer; 4. until n2 is known to be gone, every such read would take
   * seconds.
   */
  #suspect(node: NodeName): void {
    if (this.#over || !includes(this.#tally.waiting, node)) return;
    this.#tally = addOverdue(this.#tally, node);
    this.#hedge(node, 'fallback');
    this.#judge();
  }

  #answered({ node, role }: Candidate, { digest, record, recovering }: ReadReply): void {
    if (record !== undefined) this.#records.push(record);
    this.#tally = addAnswer(this.#tally, { node, role, recovering, digest });
    if (recovering) {
      this.#missing.recovering(node);
      this.#askNext();
    }
  }

  #failed(node: NodeName, why: unknown): void {
    this.#missing.failed(node, why);
    this.#tally = withoutAnswer(addFailure(this.#tally, node), node);
    this.#askNext();
  }

  #hedge(node: NodeName, role: Role): void {
    const next = this.#unasked[0];
    if (this.#over || !includes(this.#tally.waiting, node) || next === undefined) return;
    if (next.role === 'fallback' && role === 'primary') return;
    this.#parts.metrics.count('read.hedged');
    this.#askNext();
    this.#judge();
  }

  /** The merge of what these replicas hold; `lost one` when one of them could no longer show its record. */
  async #fetchAndMerge(counted: readonly ReadAnswer[]): Promise<SealedRecord | undefined | 'lost one'> {
    const held = await Promise.all(oneEach(counted).map(answer => this.#recordOf(answer)));
    const records = held.filter(record => record !== undefined);
    if (records.length < held.length) return 'lost one';
    return records.reduce<SealedRecord | undefined>(
      (merged, record) => (merged === undefined ? record : mergeSealed(merged, record, this.#request.place)),
      undefined,
    );
  }

  async #recordOf({ node, digest }: ReadAnswer): Promise<SealedRecord | undefined> {
    const record = this.#heldUnder(digest) ?? (await this.#fetch(node));
    // Also if its row is gone since: to show nothing in its place would show a key as absent that is not.
    if (record === undefined) this.#failed(node, 'can no longer show what it has');
    return record;
  }

  #heldUnder(digest: Uint8Array): SealedRecord | undefined {
    return this.#records.find(record => sameDigest(record.digest, digest));
  }

  async #fetch(node: NodeName): Promise<SealedRecord | undefined> {
    const { place, call } = this.#request;
    try {
      const { record } = await this.#parts.peers.replica(node).read({ place, digestOnly: false }, call);
      if (record !== undefined) this.#records.push(record);
      return record;
    } catch (error) {
      passOnBugs(error);
      return undefined;
    }
  }

  /** How many of R replicas are left without what is shown. */
  async #repair(counted: readonly ReadAnswer[], shown: SealedRecord | undefined): Promise<number> {
    if (shown === undefined || (agree(counted) && sameDigest(counted[0]!.digest, shown.digest))) return 0;
    if (!this.#parts.repairsReads) return stale(counted, shown.digest).length;
    this.#parts.metrics.count('read.repair');
    return await new ReadRepair({ ...this.#request, counted, shown }, this.#parts).run();
  }

  #result(order: {
    counted: readonly ReadAnswer[];
    shown: SealedRecord | undefined;
    unrepaired: number;
  }): ReadRoundResult {
    const { counted, shown, unrepaired } = order;
    const { required } = this.#request;
    const replicas = { required, answered: counted.length, fallback: standIns(counted), unrepaired };
    return { shown, replicas };
  }

  #spares(): Spares {
    const primaries = this.#unasked.filter(({ role }) => role === 'primary').length;
    return { primaries, fallbacks: this.#unasked.length - primaries };
  }

  #after(ms: number, action: () => void): void {
    this.#timers.push(this.#parts.clock.after(ms, action));
  }

  /** @param owingCount there is time left: who has not answered still could, and is no reason */
  #shortfall({ owingCount } = { owingCount: false }): ShoalError {
    const { required } = this.#request;
    const { waiting } = this.#tally;
    const counted = countedAnswers(this.#tally, { primaries: 0, fallbacks: 0 }).length;
    const reachable = counted + (owingCount ? waiting.length : 0);
    const why = this.#missing.toText(owingCount ? [] : waiting.map(({ node }) => node));
    return new ShoalError(
      'QUORUM_UNREACHABLE',
      `${reachable} of ${required} replicas could answer in time${why}; try again or ask for a smaller r`,
      {
        facts: { required: String(required), reachable: String(reachable) },
      },
    );
  }
}

function asSpare(node: NodeName): Candidate {
  return { node, role: 'fallback', standsInFor: undefined };
}

/** One answer for each record that is held, however many hold it. */
function oneEach(answers: readonly ReadAnswer[]): readonly ReadAnswer[] {
  const held = answers.filter(({ digest }) => !isZero(digest));
  return held.filter((answer, i) => held.findIndex(other => sameDigest(other.digest, answer.digest)) === i);
}
