/**
 * Repair before the reply: R replicas hold durably what a read shows before it is shown, so that a later
 * quorum read never shows less (DESIGN §6, *get*; Dynamo §4.4; monotonic quorum reads, TRAPS Q5). Everybody
 * else who may lack it gets it too, in the background.
 *
 * A repair is a merge at the replica, never an overwrite (TRAPS Q7). One that fails is made good by another
 * replica, at last by a fallback; if none can, or all are slow, the read succeeds all the same and says how
 * many are left (TRAPS Q6). Does not judge what is shown.
 */
import { passOnBugs } from '../base/assert.ts';
import type { NodeName } from '../base/ids.ts';
import type { Candidate, Plan } from '../core/quorum/candidates.ts';
import { type ReadAnswer, stale } from '../core/quorum/read-tally.ts';
import type { SealedRecord } from '../core/record/codec.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Call } from '../ports/call.ts';
import type { CoordinatorParts } from './parts.ts';

export interface ReadRepairRequest {
  readonly place: KeyPlace;
  readonly plan: Plan;
  /** R. */
  readonly required: number;
  readonly counted: readonly ReadAnswer[];
  readonly shown: SealedRecord;
  readonly call: Call;
}

/** The share of the time left that a reply waits for its repairs: the rest is for the way of the answer. */
const WAIT_SHARE = 0.5;

export class ReadRepair {
  readonly #request: ReadRepairRequest;
  readonly #parts: CoordinatorParts;
  readonly #spares: NodeName[];
  /** How many replicas must still take it before the reply. */
  #missing: number;
  #underWay = 0;
  #resolve: () => void = () => {};

  constructor(request: ReadRepairRequest, parts: CoordinatorParts) {
    const { counted, shown, required, plan } = request;
    this.#request = request;
    this.#parts = parts;
    this.#missing = required - (counted.length - stale(counted, shown.digest).length);
    this.#spares = plan.spares.filter(node => counted.every(answer => answer.node !== node));
  }

  /** How many of R replicas are left without what is shown. Never rejects. */
  async run(): Promise<number> {
    const { call } = this.#request;
    if (!call.cancelled) for (const candidate of this.#owing()) this.#send(candidate);
    if (this.#missing > 0 && this.#underWay > 0) await this.#enough();
    return Math.max(0, this.#missing);
  }

  /** Who answered something else, then whoever of the plan was not counted. */
  #owing(): readonly Candidate[] {
    const { counted, shown, plan } = this.#request;
    const behind = stale(counted, shown.digest).map(({ node, role }) => ({
      ...(plan.candidates.find(candidate => candidate.node === node) ?? { node, standsInFor: undefined }),
      role,
    }));
    return [
      ...behind,
      ...plan.candidates.filter(({ node }) => counted.every(answer => answer.node !== node)),
    ];
  }

  #enough(): Promise<void> {
    const { clock } = this.#parts;
    return new Promise(resolve => {
      const timer = clock.after((this.#request.call.deadline - clock.now()) * WAIT_SHARE, resolve);
      this.#resolve = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #send(candidate: Candidate): void {
    const { place, shown, call } = this.#request;
    const { node, standsInFor } = candidate;
    this.#underWay += 1;
    this.#parts.peers
      .replica(node)
      .apply({ place, record: shown, standsInFor }, call)
      .then(
        () => this.#ended({ repaired: true }),
        error => {
          passOnBugs(error);
          this.#failed(candidate);
        },
      );
  }

  #failed({ node, role, standsInFor }: Candidate): void {
    this.#parts.metrics.count('read.repair.failed');
    const spare = this.#missing > 0 && !this.#request.call.cancelled ? this.#spares.shift() : undefined;
    if (spare !== undefined) {
      this.#send({ node: spare, role: 'fallback', standsInFor: role === 'primary' ? node : standsInFor });
    }
    this.#ended({ repaired: false });
  }

  #ended({ repaired }: { repaired: boolean }): void {
    this.#underWay -= 1;
    if (repaired) this.#missing -= 1;
    if (this.#missing <= 0 || this.#underWay === 0) this.#resolve();
  }
}
