/** What this node tells about itself and the cluster as it sees it (ports/overview). Decides nothing. */
import { ShoalError } from '../base/errors.ts';
import type { NodeName } from '../base/ids.ts';
import { checkNames } from '../core/limits.ts';
import type { Cluster, Member } from '../core/membership/cluster.ts';
import { placeKey } from '../core/ring/placement.ts';
import { preferenceList, type Ring, ringDigest } from '../core/ring/ring.ts';
import type { Location, Overview, SeenMember, SeenRing, Status } from '../ports/overview.ts';
import type { Acquaintances } from './acquaintances.ts';

/** What the node knows of its own state. */
export type OwnStatus = Omit<Status, 'cluster' | 'ringDigest' | 'members'>;

export interface OverviewParts {
  readonly acquaintances: Acquaintances;
  readonly cluster: () => Cluster | undefined;
  readonly own: () => OwnStatus;
  /** Whether this node would ask that one for something now. */
  readonly reachable: (name: NodeName) => boolean;
}

export class ClusterOverview implements Overview {
  readonly #parts: OverviewParts;

  constructor(parts: OverviewParts) {
    this.#parts = parts;
  }

  get epoch(): number {
    return this.#parts.cluster()?.ring.epoch ?? 0;
  }

  status(): Status {
    const cluster = this.#parts.cluster();
    const members = this.#parts.acquaintances.all().map(member => this.#seen(member, cluster?.ring));
    return { ...this.#parts.own(), cluster, ringDigest: cluster ? ringDigest(cluster.ring) : '', members };
  }

  locate(key: { bucket: string; key: string }): Location {
    checkNames(key);
    const cluster = this.#parts.cluster();
    if (cluster === undefined)
      throw new ShoalError('NOT_READY', 'the cluster is not born yet; see the status of this node');
    const { partition } = placeKey(key);
    const { primaries, fallbacks } = preferenceList(cluster.ring, partition);
    const found = (names: readonly NodeName[]) => names.map(name => this.#byName(name, cluster.ring));
    return { partition, epoch: cluster.ring.epoch, primaries: found(primaries), fallbacks: found(fallbacks) };
  }

  ring(): SeenRing {
    const cluster = this.#parts.cluster();
    const { node } = this.#parts.own();
    const members = cluster?.ring.members.map(({ name }) => this.#byName(name, cluster.ring)) ?? [];
    return { node, cluster, members };
  }

  /** A member of the ring that was never met has no address yet. */
  #byName(name: NodeName, ring: Ring): SeenMember {
    const unmet = { name, zone: '', weight: 0, address: '', peerAddress: '', bootId: '' as Member['bootId'] };
    return this.#seen(this.#parts.acquaintances.get(name) ?? unmet, ring);
  }

  /**
   * Zone and weight as the ring has them, once it is born: what a node says of itself since has no effect.
   */
  #seen(member: Member, ring: Ring | undefined): SeenMember {
    const { zone, weight } = ring?.members.find(({ name }) => name === member.name) ?? member;
    const partitions = ring?.primaries.filter(names => names.includes(member.name)).length ?? 0;
    return { ...member, zone, weight, partitions, ...this.#presence(member.name) };
  }

  #presence(name: NodeName): Pick<SeenMember, 'up' | 'state' | 'silentMs'> {
    const { acquaintances, reachable } = this.#parts;
    return {
      up: reachable(name),
      state: acquaintances.stateOf(name),
      silentMs: Math.round(acquaintances.silentMs(name)),
    };
  }
}
