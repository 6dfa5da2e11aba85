/**
 * One round of a write: the whole record goes to every candidate, acknowledgements are counted, a replica
 * that fails or is slow is replaced by the next fallback, and a primary that missed it leaves a hint (DESIGN
 * §6, *put*; Dynamo §4.5, §4.6).
 *
 * Whole records, because a sibling shipped alone makes the receiver's vector claim what it never got. Holds
 * I4 and I5 through the tally. Once the update is made, failing to reach W is *unknown*: the write may appear
 * later.
 */
import { passOnBugs } from '../base/assert.ts';
import { ShoalError } from '../base/errors.ts';
import type { NodeName } from '../base/ids.ts';
import type { Candidate, Plan } from '../core/quorum/candidates.ts';
import {
  addAck,
  addAsked,
  addFailure,
  countedAcks,
  fallbackAcks,
  includes,
  newWriteTally,
  type WriteTally,
  writeVerdict,
} from '../core/quorum/write-tally.ts';
import type { SealedRecord } from '../core/record/codec.ts';
import { NOTHING_SEEN, type VersionVector } from '../core/record/version-vector.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Call } from '../ports/call.ts';
import type { Timer } from '../ports/clock.ts';
import { type ApplyReply, ReplicaFailed } from '../ports/replica.ts';
import { Missing } from './missing.ts';
import type { CoordinatorParts } from './parts.ts';

export interface WriteRoundRequest {
  readonly place: KeyPlace;
  readonly sealed: SealedRecord;
  /** The local commit, and the candidate that this node is. */
  readonly local: {
    readonly candidate: Candidate;
    readonly committed: Promise<void>;
    readonly recovering: boolean;
  };
  readonly plan: Plan;
  readonly required: number;
  readonly strict: boolean;
  /**
   * The acknowledgements are taken for answers, too: what is unseen shows in them. Then in strict mode a
   * recovering replica's counts as little as in a strict read (I5): it would vouch that nothing stands beside
   * the write, and may only have lost it.
   */
  readonly asRead: boolean;
  readonly call: Call;
}

export interface Ack {
  readonly node: NodeName;
  /** Of the row that the node was left with. */
  readonly digest: Uint8Array;
  /** Of that row; empty if it is what was sent. */
  readonly vector: VersionVector;
}

export interface WriteRoundResult {
  /** Of the nodes that count. */
  readonly acks: readonly Ack[];
  readonly answered: number;
  readonly fallback: number;
}

/**
 * What a stand-in needs at the least: there, into the log, and back. With less it would store a record that
 * nobody counts, and that must be handed off all the same; the hint is enough.
 */
const STAND_IN_MS_MIN = 5;

export class WriteRound {
  readonly #request: WriteRoundRequest;
  readonly #parts: CoordinatorParts;
  /**
   * Its client's deadline, not its client's going: the dot is minted, so what is begun is finished. Given up
   * half-way it would leave replicas short and hints for nodes that are well.
   */
  readonly #ownCall: Call;
  readonly #acks: Ack[] = [];
  /** Primaries that were asked, themselves or through a stand-in, and those of them that have it by now. */
  readonly #asked: NodeName[] = [];
  readonly #served: (NodeName | undefined)[] = [];
  readonly #timers: Timer[] = [];
  readonly #missing: Missing;
  #tally: WriteTally;
  #spares: NodeName[];
  /** Primaries believed to be down, with no stand-in, that were not asked. */
  readonly #unasked: NodeName[];
  #resolve: (result: WriteRoundResult) => void = () => {};
  #reject: (error: ShoalError) => void = () => {};
  #decided = false;
  #closed = false;
  /** Nodes that are up and have too much to do; few, and seldom. */
  #overloaded: readonly NodeName[] = [];

  constructor(request: WriteRoundRequest, parts: CoordinatorParts) {
    this.#request = request;
    this.#parts = parts;
    this.#ownCall = { deadline: request.call.deadline, cancelled: false };
    this.#tally = newWriteTally(request);
    this.#missing = new Missing(request.plan.down);
    this.#spares = [...request.plan.spares];
    this.#unasked = [...request.plan.missed];
  }

  /** Rejects with ShoalError OUTCOME_UNKNOWN or STORAGE_FAULTED. */
  run(): Promise<WriteRoundResult> {
    const { plan, local, call } = this.#request;
    const result = new Promise<WriteRoundResult>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { recovering, committed } = local;
    this.#count(
      local.candidate,
      committed.then(() => ({ digest: this.#request.sealed.digest, vector: NOTHING_SEEN, recovering })),
    );
    for (const candidate of plan.candidates) {
      if (candidate.node !== local.candidate.node) this.#send(candidate);
    }
    this.#timers.push(this.#parts.clock.after(call.deadline - this.#parts.clock.now(), () => this.#expire()));
    this.#judge();
    return result;
  }

  #send(candidate: Candidate): void {
    const { place, sealed, call } = this.#request;
    const { node, standsInFor } = candidate;
    const applied = this.#parts.peers
      .replica(node)
      .apply({ place, record: sealed, standsInFor }, this.#ownCall);
    this.#count(candidate, applied);
    const { pace, clock } = this.#parts;
    const patience = pace.suspectMs(node, call.deadline - clock.now());
    this.#timers.push(clock.after(patience, () => this.#replaceIfSilent(candidate)));
  }

  #count(candidate: Candidate, applied: Promise<ApplyReply>): void {
    this.#tally = addAsked(this.#tally, candidate);
    const primary = primaryOf(candidate);
    if (primary !== undefined && !this.#asked.includes(primary)) this.#asked.push(primary);
    applied.then(
      reply => this.#acknowledged(candidate, reply),
      error => {
        passOnBugs(error);
        this.#failed(candidate, error);
      },
    );
  }

  #acknowledged(candidate: Candidate, { digest, vector, recovering }: ApplyReply): void {
    const { strict, asRead } = this.#request;
    const counts = !(strict && asRead && recovering);
    this.#tally = (counts ? addAck : addFailure)(this.#tally, candidate.node);
    this.#acks.push({ node: candidate.node, digest, vector });
    this.#served.push(primaryOf(candidate));
    this.#judge();
  }

  #failed(candidate: Candidate, why: unknown): void {
    this.#missing.failed(candidate.node, why);
    this.#tally = addFailure(this.#tally, candidate.node);
    const overloaded = why instanceof ReplicaFailed && why.failure === 'overloaded';
    if (overloaded) this.#overloaded = [...this.#overloaded, candidate.node];
    if (!overloaded || this.#isShort) this.#replace(candidate);
    this.#judge();
  }

  /**
   * W cannot be met by those who have been asked. Only then is there a stand-in for a replica that has too
   * much to do; overload is not down (TRAPS O2): 1. all have a little more to do than they can; 2. each write
   * that one of them refuses goes to another node, and from there back some day; 3. now there is twice as
   * much to do.
   */
  get #isShort(): boolean {
    return writeVerdict(this.#tally, 0) === 'lost';
  }

  /**
   * Not once W is met: a primary that is merely slow gets it yet, and a copy at a fallback would be one more
   * to hand off.
   */
  #replaceIfSilent(candidate: Candidate): void {
    if (!this.#decided && includes(this.#tally.waiting, candidate.node)) this.#replace(candidate);
  }

  /**
   * The next fallback takes the place of this candidate, for the same primary; not when its answer would come
   * too late for anybody (I10).
   */
  #replace(candidate: Candidate): void {
    const primary = primaryOf(candidate);
    if (this.#closed || primary === undefined || this.#served.includes(primary) || !this.#hasTimeForStandIn)
      return;
    const node = this.#spares.shift();
    if (node !== undefined) this.#send({ node, role: 'fallback', standsInFor: primary });
    else this.#askUnasked();
  }

  /**
   * Nobody is left to stand in: those for whom nobody did may be back. 1. n2 thaws, and is taken for down for
   * a moment yet; 2. n3 freezes; 3. n1 would wait for n3 until the client's time is up, beside a sound n2.
   */
  #askUnasked(): void {
    for (const node of this.#unasked.splice(0)) this.#send({ node, role: 'primary', standsInFor: undefined });
  }

  get #hasTimeForStandIn(): boolean {
    const { cancelled, deadline } = this.#request.call;
    return !cancelled && deadline - this.#parts.clock.now() >= STAND_IN_MS_MIN;
  }

  #judge(): void {
    const verdict = writeVerdict(this.#tally, this.#spares.length);
    if (verdict === 'met') this.#decide(() => this.#resolve(this.#result()));
    if (verdict === 'lost') this.#decide(() => this.#reject(this.#shortfall()));
    if (this.#tally.waiting.length === 0 && this.#decided) this.#close();
  }

  #decide(act: () => void): void {
    if (this.#decided) return;
    this.#decided = true;
    act();
  }

  #expire(): void {
    this.#decide(() => this.#reject(this.#shortfall()));
    this.#close();
  }

  /**
   * Every answer has come that will: whoever is still owed gets a hint, once. Not this node: it knows what it
   * has not got; nor whoever had too much to do for a write that was not acknowledged either.
   */
  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    const spared = this.#isShort ? this.#overloaded : [];
    for (const target of this.#asked) {
      const owed = target !== this.#parts.self && !this.#served.includes(target) && !spared.includes(target);
      if (owed) this.#parts.leaveHint({ target, place: this.#request.place });
    }
  }

  #result(): WriteRoundResult {
    const counted = countedAcks(this.#tally);
    return {
      acks: this.#acks.filter(({ node }) => counted.includes(node)),
      answered: this.#tally.acked.length,
      fallback: fallbackAcks(this.#tally),
    };
  }

  #shortfall(): ShoalError {
    const { required } = this.#request;
    const acked = countedAcks(this.#tally).length;
    const facts = { required: String(required), acked: String(acked) };
    if (this.#parts.local.faulted) {
      return new ShoalError('STORAGE_FAULTED', 'the disk of this node failed under the write', {
        outcome: 'unknown',
        facts,
      });
    }
    const why = this.#missing.toText(this.#tally.waiting.map(({ node }) => node));
    return new ShoalError(
      'OUTCOME_UNKNOWN',
      `${acked} of ${required} replicas acknowledged in time${why}; the write may appear later`,
      {
        outcome: 'unknown',
        facts,
      },
    );
  }
}

/** Who is served by this candidate's acknowledgement: itself, or the primary it stands in for. */
function primaryOf({ node, role, standsInFor }: Candidate): NodeName | undefined {
  return role === 'primary' ? node : standsInFor;
}
