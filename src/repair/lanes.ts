/**
 * The ways to all other nodes, one to each, whatever goes there: hints, records that leave, anti-entropy. So
 * the bounds of a lane are those of all background work with its node (core/overload/yielding).
 */
import type { NodeName } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Peers } from '../ports/peers.ts';
import type { Courtesy } from './courtesy.ts';
import { Lane } from './lane.ts';

export interface LanesParts {
  readonly peers: Peers;
  readonly courtesy: Courtesy;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export class Lanes {
  readonly #parts: LanesParts;
  readonly #lanes = new Map<NodeName, Lane>();

  constructor(parts: LanesParts) {
    this.#parts = parts;
  }

  to(target: NodeName): Lane {
    const known = this.#lanes.get(target);
    if (known !== undefined) return known;
    const lane = new Lane({ ...this.#parts, target });
    this.#lanes.set(target, lane);
    return lane;
  }
}
