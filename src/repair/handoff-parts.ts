/** What handoff works on. */
import type { NodeName } from '../base/ids.ts';
import type { Ring } from '../core/ring/ring.ts';
import type { Clock } from '../ports/clock.ts';
import type { Holdings } from '../ports/holdings.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Peers } from '../ports/peers.ts';
import type { Random } from '../ports/random.ts';
import type { Lanes } from './lanes.ts';

export interface HandoffParts {
  readonly self: NodeName;
  readonly ring: () => Ring | undefined;
  readonly peers: Peers;
  readonly holdings: Holdings;
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}
