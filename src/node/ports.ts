/** What one node is wired from: the world around it, and whom it tells how its start goes. */
import type { StartUpError } from '../base/errors.ts';
import type { Cluster } from '../core/membership/cluster.ts';
import type { Clock } from '../ports/clock.ts';
import type { DurableFile } from '../ports/durable-file.ts';
import type { Floor } from '../ports/floor.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { RemoteHooks, Remotes } from '../ports/peers.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';

export interface NodePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly store: Store;
  readonly identity: DurableFile;
  readonly cluster: DurableFile;
  readonly floor: Floor;
  /** The shell that speaks to other nodes. */
  readonly remotes: (hooks: RemoteHooks) => Remotes;
  /** From now on requests are answered. */
  readonly onServing: (cluster: Cluster) => void;
  /** This node must not serve: stop it and show this. */
  readonly onRefused: (error: StartUpError) => void;
}
