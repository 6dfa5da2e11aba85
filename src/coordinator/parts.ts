/** What a coordinator works with. */
import type { NodeName } from '../base/ids.ts';
import type { Cluster } from '../core/membership/cluster.ts';
import type { KeyPlace } from '../core/ring/placement.ts';
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Peers } from '../ports/peers.ts';
import type { Random } from '../ports/random.ts';
import type { LocalUpdates } from '../ports/updates.ts';
import type { Pace } from './pace.ts';

export interface CoordinatorParts {
  readonly self: NodeName;
  /** Undefined until the ring is born and this node knows which dots it may mint. */
  readonly cluster: () => Cluster | undefined;
  readonly local: LocalUpdates;
  readonly peers: Peers;
  readonly pace: Pace;
  /** False in tests of what works without read repair. */
  readonly repairsReads: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  /** Notes durably, soon, that this primary has not got the key. Never throws. */
  readonly leaveHint: (missed: { readonly target: NodeName; readonly place: KeyPlace }) => void;
}
