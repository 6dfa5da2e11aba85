/**
 * One read: the whole record from the nearest replica, digests from the others, R counted; where they differ everything is fetched and
 * merged, and R counted replicas hold what is shown *before* the reply, so that a later quorum read never shows less (DESIGN §6, *get*;
 * Dynamo §4.4; monotonic quorum reads, TRAPS Q5). A repair is a merge at the replica, never an overwrite (TRAPS Q7); one that fails
 * does not fail the read, it is reported (TRAPS Q6). Who counts is the tally's business (I5).
 */
import { isZero } from '../base/bytes.ts';
import { ShoalError } from '../base/errors.ts';
import type { NodeName } from '../base/ids.ts';
import type { Candidate, Plan } from '../core/candidates.ts';
import type { KeyPlace } from '../core/placement.ts';
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
  stale,
  withoutAnswer,
} from '../core/read-tally.ts';
import { mergeSealed, type SealedRecord, sameDigest } from '../core/record-codec.ts';
import type { Call } from '../ports/call.ts';
import type { Timer } from '../ports/clock.ts';
import type { ReadReply } from '../ports/replica.ts';
import type { Replicas } from '../ports/requests.ts';
import type { CoordinatorParts } from './parts.ts';

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
  #expired = false;
  /** Wakes whoever waits for the next answer. */
  #wake: () => void = () => {};

  constructor(request: ReadRoundRequest, parts: CoordinatorParts) {
    this.#request = request;
    this.#parts = parts;
    this.#tally = newReadTally(request);
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
    this.#after(call.deadline - this.#parts.clock.now(), () => {
      this.#expired = true;
      this.#wake();
    });
    try {
      for (let i = 0; i < required; i++) this.#askNext();
      for (;;) {
        const counted = await this.#quorum();
        const shown = await this.#fetchAndMerge(counted);
        if (shown !== 'lost one') return await this.#repaired(counted, shown);
      }
    } finally {
      for (const timer of this.#timers) timer.cancel();
    }
  }

  /** Resolves with the answers that count, as soon as they are enough. */
  async #quorum(): Promise<readonly ReadAnswer[]> {
    for (;;) {
      const verdict = readVerdict(this.#tally, this.#spares());
      if (verdict === 'met') return countedAnswers(this.#tally, this.#spares());
      if (verdict === 'lost' || this.#expired) throw this.#shortfall();
      if (this.#tally.waiting.size === 0) this.#askNext();
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  #askNext(): void {
    const candidate = this.#unasked.shift();
    if (candidate === undefined || this.#request.call.cancelled) return;
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
        () => this.#failed(node),
      );
    this.#after(this.#parts.pace.readPatienceMs(node, call.deadline - asked), () => this.#hedge(node));
  }

  #answered({ node, role }: Candidate, { digest, record, recovering }: ReadReply): void {
    if (record !== undefined) this.#records.set(node, record);
    this.#tally = addAnswer(this.#tally, { node, role, recovering, digest });
    if (recovering) this.#askNext();
    this.#wake();
  }

  #failed(node: NodeName): void {
    this.#tally = withoutAnswer(addFailure(this.#tally, node), node);
    this.#askNext();
    this.#wake();
  }

  #hedge(node: NodeName): void {
    if (!this.#tally.waiting.has(node) || this.#unasked.length === 0) return;
    this.#parts.metrics.count('read.hedged');
    this.#askNext();
  }

  /** The merge of what these replicas hold; `lost one` when one of them could no longer show its record. */
  async #fetchAndMerge(counted: readonly ReadAnswer[]): Promise<SealedRecord | undefined | 'lost one'> {
    const held = await Promise.all(counted.map(answer => this.#recordOf(answer)));
    if (held.includes('lost one')) return 'lost one';
    const records = held.filter((record): record is SealedRecord => typeof record === 'object');
    return records.reduce<SealedRecord | undefined>(
      (merged, record) => (merged === undefined ? record : mergeSealed(merged, record, this.#request.place)),
      undefined,
    );
  }

  async #recordOf(answer: ReadAnswer): Promise<SealedRecord | undefined | 'lost one'> {
    if (isZero(answer.digest)) return undefined;
    const known = [...this.#records.values()].find(record => sameDigest(record.digest, answer.digest));
    if (known !== undefined) return known;
    const { place, call } = this.#request;
    try {
      const reply = await this.#parts.peers.replica(answer.node).read({ place, digestOnly: false }, call);
      if (reply.record !== undefined) this.#records.set(answer.node, reply.record);
      return reply.record;
    } catch {
      this.#failed(answer.node);
      return 'lost one';
    }
  }

  /** Brings R counted replicas to what is shown, before the reply; the other primaries in the background. */
  async #repaired(counted: readonly ReadAnswer[], shown: SealedRecord | undefined): Promise<ReadRoundResult> {
    if (shown === undefined || (agree(counted) && sameDigest(counted[0]!.digest, shown.digest))) {
      return this.#result({ counted, shown, unrepaired: 0 });
    }
    this.#parts.metrics.count('read.repair');
    const behind = stale(counted, shown.digest);
    const repaired = await Promise.all(
      behind.map(answer => this.#repair(this.#candidate(answer.node), shown)),
    );
    const failed = repaired.filter(done => !done).length;
    const replaced = await this.#repairOthers({ counted, shown, needed: failed });
    const unrepaired = Math.max(0, this.#request.required - (counted.length - failed + replaced));
    return this.#result({ counted, shown, unrepaired });
  }

  /** Repairs who was not counted: waits for as many as are `needed` in place of failed ones, leaves the rest to themselves. */
  async #repairOthers(order: {
    counted: readonly ReadAnswer[];
    shown: SealedRecord;
    needed: number;
  }): Promise<number> {
    const { counted, shown, needed } = order;
    const others = this.#request.plan.candidates.filter(
      ({ node }) => !counted.some(answer => answer.node === node),
    );
    const repairs = others.map(candidate => this.#repair(candidate, shown));
    if (needed === 0) return 0;
    return (await Promise.all(repairs)).filter(done => done).length;
  }

  async #repair({ node, standsInFor }: Candidate, record: SealedRecord): Promise<boolean> {
    const { place, call } = this.#request;
    try {
      await this.#parts.peers.replica(node).apply({ place, record, standsInFor }, call);
      return true;
    } catch {
      this.#parts.metrics.count('read.repair.failed');
      return false;
    }
  }

  #candidate(node: NodeName): Candidate {
    const { candidates } = this.#request.plan;
    return (
      candidates.find(candidate => candidate.node === node) ?? {
        node,
        role: 'fallback',
        standsInFor: undefined,
      }
    );
  }

  #result(order: {
    counted: readonly ReadAnswer[];
    shown: SealedRecord | undefined;
    unrepaired: number;
  }): ReadRoundResult {
    const { counted, shown, unrepaired } = order;
    const fallback = counted.filter(({ role }) => role === 'fallback').length;
    const replicas = { required: this.#request.required, answered: counted.length, fallback, unrepaired };
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

  #shortfall(): ShoalError {
    const { required } = this.#request;
    const reachable = countedAnswers(this.#tally, { primaries: 0, fallbacks: 0 }).length;
    return new ShoalError(
      'QUORUM_UNREACHABLE',
      `${reachable} of ${required} replicas answered in time; try again or ask for a smaller r`,
      {
        facts: { required: String(required), reachable: String(reachable) },
      },
    );
  }
}
