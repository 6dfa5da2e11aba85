/**
 * A write at its coordinator: update the own row in one tick, ship the whole record, reply at W (DESIGN §6,
 * *put* and *overwrite*).
 *
 * An overwrite needs no read first: it covers what the coordinator's row shows, and each ack's digest tells
 * whether that replica held something unseen. If one of the counted W did, there is a second round
 * (second-round.ts).
 */
import type { Cluster } from '../core/membership/cluster.ts';
import type { Candidate, Plan } from '../core/quorum/candidates.ts';
import { knowsWrite } from '../core/record/record.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Call } from '../ports/call.ts';
import type { WriteReply } from '../ports/requests.ts';
import type { Updated } from '../ports/updates.ts';
import type { Change } from './changes.ts';
import type { CoordinatorParts } from './parts.ts';
import { writeReply } from './replies.ts';
import { type Done, SecondRound } from './second-round.ts';
import { WriteRound, type WriteRoundResult } from './write-round.ts';

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
    return this.#ship(updated, { asRead: overwrites }).then(round => {
      const first = { updated, round, own };
      if (!overwrites) return this.#reply(first);
      return this.#secondRound.settle(first, { retried }).then(settled => this.#reply(settled));
    });
  }

  get #secondRound(): SecondRound {
    const { place, call } = this.#request;
    return new SecondRound({
      ...this.#parts,
      place,
      call,
      update: change => this.#update(change),
      ship: updated => this.#ship(updated, { asRead: false }),
    });
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
