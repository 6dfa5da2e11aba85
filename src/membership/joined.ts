/**
 * What answers at a `--join` address is the operator's word on which cluster is meant (M4). Another cluster
 * there refuses this node only if nobody of its own answers: one member that came back astray must not keep
 * the sound ones from starting.
 */
import type { Cluster, Member } from '../core/membership/cluster.ts';
import type { Greeting } from '../ports/meeting.ts';
import type { Acquaintances } from './acquaintances.ts';
import { isNamedBy } from './conflict.ts';
import type { Refusals } from './refusals.ts';
import type { Reports } from './reports.ts';

export interface JoinedParts {
  readonly self: Member;
  readonly acquaintances: Acquaintances;
  readonly reports: Reports;
  readonly refusals: Refusals;
  readonly cluster: () => Cluster | undefined;
  /** This cluster has no place for this node, which belongs to none. */
  readonly onClosed: (shown: Cluster) => void;
}

export class Joined {
  readonly #parts: JoinedParts;
  /** Said of an address that answers for another cluster than this node's. */
  #foreign: string | undefined;

  constructor(parts: JoinedParts) {
    this.#parts = parts;
  }

  answered(address: string, { named, cluster: shown }: Greeting): void {
    const { self, cluster, onClosed } = this.#parts;
    const own = cluster();
    if (own === undefined) {
      if (shown !== undefined && !isNamedBy(shown, self.name)) onClosed(shown);
    } else if (named !== undefined && named.id !== own.id) {
      this.#foreign = `this data directory belongs to cluster ${own.id}, but ${address} to cluster ${named.id}`;
    }
  }

  /** When everybody was asked: whether this node is where it belongs. */
  check(): void {
    const { acquaintances, reports, refusals } = this.#parts;
    if (this.#foreign === undefined) return;
    const advice =
      'correct --join; only if this node is to change clusters, start it on another, empty --data';
    const isAmongItsOwn = acquaintances.others().some(({ name }) => acquaintances.reachable(name));
    if (isAmongItsOwn) reports.warn(this.#foreign, { advice });
    else refusals.refuse(this.#foreign, { advice });
  }
}
