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
  agree,
  countedAnswers,
  newReadTally,
  type ReadAnswer,
  type ReadTally,
  readVerdict,
  type Spares,
  standIns,
  withoutAnswer,
} from '../core/quorum/read-tally.ts';
import type { Role } from '../core/quorum/write-tally.ts';
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
  readonly #records = new Map<NodeName, SealedRecord>();
  readonly #timers = new Set<Timer>();
  #tally: ReadTally;
  readonly #missing: Missing;
  /** It is decided, or too late: nobody else is asked. */
  #over = false;
  /** Wakes whoever waits for the next answer. */
  #wake: () => void = () => {};

  constructor(request: ReadRoundRequest, parts: CoordinatorParts) {
    this.#request = request;
    this.#parts = parts;
    this.#tally = newReadTally(request);
    this.#missing = new Missing(request.plan.down);
    const spares = request.plan.spares.map(node => ({
      node,
      role: 'fallback' as const,
      standsInFor: undefined,
    }));
    this.#unasked = [...request.plan.candidates, ...spares];
  }

  /** Rejects with ShoalError QUORUM_UNREACHABLE. */
  async run(): Promise<ReadRoundResult> {
    const { call, required } = this.#request;
    const tooLate = new Promise<never>((_, reject) => {
      this.#after(call.deadline - this.#parts.clock.now(), () => reject(this.#shortfall()));
    });
    try {
      for (let i = 0; i < required; i++) this.#askNext();
      return await Promise.race([this.#answer(), tooLate]);
    } finally {
      this.#end();
    }
  }

  async #answer(): Promise<ReadRoundResult> {
    for (;;) {
      const counted = await this.#quorum();
      const shown = await this.#fetchAndMerge(counted);
      if (shown === 'lost one') continue;
      this.#over = true;
      return this.#result({ counted, shown, unrepaired: await this.#repair(counted, shown) });
    }
  }

  #end(): void {
    this.#over = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** Resolves with the answers that count, as soon as they are enough. */
  async #quorum(): Promise<readonly ReadAnswer[]> {
    for (;;) {
      const verdict = readVerdict(this.#tally, this.#spares());
      if (verdict === 'met') return countedAnswers(this.#tally, this.#spares());
      if (verdict === 'lost') throw this.#shortfall({ owingCount: true });
      if (this.#tally.waiting.size === 0) this.#askNext();
      if (this.#tally.waiting.size === 0) throw this.#shortfall();
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  #askNext(): void {
    if (this.#over || this.#request.call.cancelled) return;
    const candidate = this.#unasked.shift();
    if (candidate === undefined) return;
    const { place, call } = this.#request;
    const { node } = candidate;
    // The whole record only until somebody is asked for it; the rest answer with its digest.
    const digestOnly = this.#records.size > 0 || this.#tally.waiting.size > 0;
    const asked = this.#parts.clock.now();
    this.#tally = addAsked(this.#tally, candidate);
    this.#parts.peers
      .replica(node)
      .read({ place, digestOnly }, call)
      .then(
        reply => {
          this.#parts.pace.note(node, this.#parts.clock.now() - asked);
          this.#answered(candidate, reply);
        },
        error => {
          passOnBugs(error);
          this.#failed(node, error);
        },
      );
    const { pace } = this.#parts;
    this.#after(pace.hedgeMs(node, call.deadline - asked), () => this.#hedge(node, 'primary'));
    this.#after(pace.suspectMs(node, call.deadline - asked), () => this.#hedge(node, 'fallback'));
  }

  #answered({ node, role }: Candidate, { digest, record, recovering }: ReadReply): void {
    if (record !== undefined) this.#records.set(node, record);
    this.#tally = addAnswer(this.#tally, { node, role, recovering, digest });
    if (recovering) {
      this.#missing.recovering(node);
      this.#askNext();
    }
    this.#wake();
  }

  #failed(node: NodeName, why: unknown): void {
    this.#missing.failed(node, why);
    this.#tally = withoutAnswer(addFailure(this.#tally, node), node);
    this.#askNext();
    this.#wake();
  }

  /** Asks another one beside a silent node: a primary, or at last whoever is next. */
  #hedge(node: NodeName, role: Role): void {
    const next = this.#unasked[0];
    if (this.#over || !this.#tally.waiting.has(node) || next === undefined) return;
    if (next.role === 'fallback' && role === 'primary') return;
    this.#parts.metrics.count('read.hedged');
    this.#askNext();
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
    const known = [...this.#records.values()].find(record => sameDigest(record.digest, digest));
    const record = known ?? (await this.#fetch(node));
    // Also if its row is gone since: to show nothing in its place would show a key as absent that is not.
    if (record === undefined) this.#failed(node, 'can no longer show what it has');
    return record;
  }

  async #fetch(node: NodeName): Promise<SealedRecord | undefined> {
    const { place, call } = this.#request;
    try {
      const { record } = await this.#parts.peers.replica(node).read({ place, digestOnly: false }, call);
      if (record !== undefined) this.#records.set(node, record);
      return record;
    } catch (error) {
      passOnBugs(error);
      return undefined;
    }
  }

  /** How many of R replicas are left without what is shown. */
  async #repair(counted: readonly ReadAnswer[], shown: SealedRecord | undefined): Promise<number> {
    if (shown === undefined || (agree(counted) && sameDigest(counted[0]!.digest, shown.digest))) return 0;
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
    const timer = this.#parts.clock.after(ms, () => {
      this.#timers.delete(timer);
      action();
    });
    this.#timers.add(timer);
  }

  /** @param owingCount there is time left: who has not answered still could, and is no reason */
  #shortfall({ owingCount } = { owingCount: false }): ShoalError {
    const { required } = this.#request;
    const { waiting } = this.#tally;
    const counted = countedAnswers(this.#tally, { primaries: 0, fallbacks: 0 }).length;
    const reachable = counted + (owingCount ? waiting.size : 0);
    const why = this.#missing.toText(owingCount ? [] : waiting.keys());
    return new ShoalError(
      'QUORUM_UNREACHABLE',
      `${reachable} of ${required} replicas could answer in time${why}; try again or ask for a smaller r`,
      {
        facts: { required: String(required), reachable: String(reachable) },
      },
    );
  }
}

/** One answer for each record that is held, however many hold it. */
function oneEach(answers: readonly ReadAnswer[]): readonly ReadAnswer[] {
  const held = answers.filter(({ digest }) => !isZero(digest));
  return held.filter((answer, i) => held.findIndex(other => sameDigest(other.digest, answer.digest)) === i);
}
