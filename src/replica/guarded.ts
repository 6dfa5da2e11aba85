/**
 * This node's replica as other nodes may use it: what the ring says no sound peer would send is refused and
 * counted, never applied. Two things would never be got rid of again: a note for a node that is no owner of
 * its key, since nothing is ever sent there; and a record handed off to a node that does not own it, which
 * would only hand it back. Whether the sender has the right ring at all was judged before (membership/stamp).
 */
import type { NodeName } from '../base/ids.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import { preferenceList, type Ring } from '../core/ring/ring.ts';
import type { Call } from '../ports/call.ts';
import type { Metrics } from '../ports/metrics.ts';
import {
  type ApplyReply,
  type ApplyRequest,
  type HandOffReply,
  type Located,
  type ReadReply,
  type ReadRequest,
  type Replica,
  ReplicaFailed,
  type ScanReply,
  type ScanRequest,
} from '../ports/replica.ts';

export interface GuardedParts {
  readonly self: NodeName;
  readonly replica: Replica;
  /** Undefined until this node serves. */
  readonly ring: () => Ring | undefined;
  readonly metrics: Metrics;
}

export class GuardedReplica implements Replica {
  readonly #parts: GuardedParts;

  constructor(parts: GuardedParts) {
    this.#parts = parts;
  }

  read(request: ReadRequest, call: Call): ReadReply | Promise<ReadReply> {
    return this.#parts.replica.read(request, call);
  }

  apply(request: ApplyRequest, call: Call): Promise<ApplyReply> {
    const { place, standsInFor } = request;
    if (standsInFor === undefined || this.#canStandInFor(standsInFor, place))
      return this.#parts.replica.apply(request, call);
    this.#parts.metrics.count('hint.refused');
    const why = `this node cannot stand in for ${standsInFor}, which owns no such key`;
    return Promise.reject(new ReplicaFailed('refused', why));
  }

  scan(request: ScanRequest, call: Call): Promise<ScanReply> {
    return this.#parts.replica.scan(request, call);
  }

  async handOff(records: readonly Located[], call: Call): Promise<HandOffReply> {
    const { self, replica, metrics } = this.#parts;
    const ours = records.filter(({ place }) => this.#owners(place).includes(self));
    if (ours.length === records.length) return await replica.handOff(records, call);
    metrics.count('handoff.refused', records.length - ours.length);
    const said = ours.length === 0 ? [] : (await replica.handOff(ours, call)).held;
    return { held: records.map(record => said[ours.indexOf(record)] ?? false) };
  }

  #canStandInFor(primary: NodeName, place: KeyPlace): boolean {
    return primary !== this.#parts.self && this.#owners(place).includes(primary);
  }

  #owners({ partition }: KeyPlace): readonly NodeName[] {
    const ring = this.#parts.ring();
    return ring === undefined ? [] : preferenceList(ring, partition).primaries;
  }
}
