/**
 * The composition root: gives the node of src/node.ts a disk, a clock, chance and a wire, and opens its two
 * ports. What was opened before something fails is closed again, so that the next attempt finds the data
 * directory as this one did.
 */
import { join } from 'node:path';
import { StartUpError } from '../base/errors.ts';
import { nodeName } from '../base/ids.ts';
import type { Cluster } from '../core/membership/cluster.ts';
import { type Node, openNode } from '../node.ts';
import type { Log } from '../ports/log.ts';
import type { RemoteHooks } from '../ports/peers.ts';
import { StoreFailed } from '../ports/store.ts';
import { type ClientDoor, openClientDoor } from '../rpc/client-door.ts';
import { connectPeer } from '../rpc/connect-peer.ts';
import { LinkReports } from '../rpc/link-reports.ts';
import { openPeerDoor, type PeerDoor } from '../rpc/peer-door.ts';
import { GrpcRemotes } from '../rpc/remotes.ts';
import { type DataDirectory, openDataDirectory } from '../storage/data-directory.ts';
import { FloorFile } from '../storage/floor-file.ts';
import { type Named, startUpError } from '../storage/start-up-failures.ts';
import { systemClock } from '../system/clock.ts';
import { Counters } from '../system/counters.ts';
import { systemRandom } from '../system/random.ts';
import { systemTurns } from '../system/turns.ts';
import { loadProtos, type Protos } from '../wire/protos.ts';
import { firstUsed } from './free-ports.ts';
import type { NodeFlags } from './node-flags.ts';

export interface Assembled extends Doors {
  readonly node: Node;
  /** To be closed after the node. */
  readonly floor: FloorFile;
}

export interface Doors {
  readonly clients: ClientDoor;
  readonly peers: PeerDoor;
}

export interface AssemblyOptions {
  readonly flags: NodeFlags;
  readonly log: Log;
  readonly onServing: (cluster: Cluster) => void;
  readonly onRefused: (error: StartUpError) => void;
}

/** Nobody is greeted and nothing answered before `node.start()`. Rejects with StartUpError. */
export async function assemble(options: AssemblyOptions): Promise<Assembled> {
  const { data, durability } = options.flags;
  const directory = await openDataDirectory({ ...namedOf(options.flags), durability });
  const floor = new FloorFile({ path: join(data, 'floor'), log: options.log });
  const shared = { protos: loadProtos(), metrics: new Counters() };
  const node = await orElse(
    () => openIn({ ...directory, floor }, shared, options),
    () => directory.store.close(),
  );
  const doors = await orElse(
    () => openDoors(node, shared, options),
    () => node.close(),
  );
  return { node, floor, ...doors };
}

/** What node and doors share. */
interface Shared {
  readonly protos: Protos;
  readonly metrics: Counters;
}

/** What of a node lies on the disk. */
interface Disk extends DataDirectory {
  readonly floor: FloorFile;
}

async function openIn(disk: Disk, shared: Shared, options: AssemblyOptions): Promise<Node> {
  await checkPorts(options.flags);
  try {
    return await wire(disk, shared, options);
  } catch (error) {
    // LevelDB opens with a damaged table, and finds it only when it is read: its words alone would not say
    // what to do.
    throw error instanceof StoreFailed ? startUpError(namedOf(options.flags), error) : error;
  }
}

const namedOf = ({ data, name }: NodeFlags): Named => ({ path: data, name });

function wire(disk: Disk, { protos, metrics }: Shared, options: AssemblyOptions): Promise<Node> {
  const { flags, log, onServing, onRefused } = options;
  return openNode(
    {
      ...flags,
      name: nodeName(flags.name),
      expect: flags.expect,
      address: flags.listen,
      peerAddress: flags.peerListen,
    },
    {
      ...disk,
      clock: systemClock,
      random: systemRandom,
      log,
      metrics,
      remotes: hooks => remotesOf(hooks, { protos, metrics, log }),
      onServing,
      onRefused,
    },
  );
}

function remotesOf(
  hooks: RemoteHooks,
  { protos, metrics, log }: Shared & Pick<AssemblyOptions, 'log'>,
): GrpcRemotes {
  const reports = new LinkReports({ clock: systemClock, log, metrics });
  const shell = { protos, clock: systemClock, turns: systemTurns, fraction: Math.random, reports };
  const remotes = new GrpcRemotes({
    messages: protos.messages,
    connect: address => connectPeer(address, shell),
    hooks,
  });
  metrics.gauge('peers.suspect', () => remotes.suspects);
  remotes.traffic.gaugeIn(metrics);
  return remotes;
}

/**
 * Asked before the node is opened, because to open it takes its clean mark away, and to close it again costs
 * a write.
 */
async function checkPorts({ listen, peerListen }: NodeFlags): Promise<void> {
  const used = await firstUsed([listen, peerListen]);
  if (used === undefined) return;
  const flag = used === listen ? '--listen' : '--peer-listen';
  throw new StartUpError(`address ${used} is in use`, {
    advice: `stop the process that listens there, or choose another with ${flag}`,
  });
}

async function openDoors(node: Node, shared: Shared, { flags, log }: AssemblyOptions): Promise<Doors> {
  const both = { ...shared, log, clock: systemClock, turns: systemTurns, onBug: stopHere };
  const peers = await openPeerDoor({
    ...both,
    address: flags.peerListen,
    replica: node.replica,
    comparisons: asker => node.comparisons(asker),
    coordinator: node.handedOn,
    meeting: node.meeting,
    gossip: node.gossip,
    admit: stamp => node.admit(stamp),
  });
  const clients = await orElse(
    () =>
      openClientDoor({
        ...both,
        address: flags.listen,
        requests: node.requests,
        overview: node.overview,
        repairs: node.repairs,
      }),
    () => peers.close(0),
  );
  return { clients, peers };
}

/**
 * A defect was met and logged: whatever the state of this process is now, it is not to be trusted, nor to be
 * called clean.
 */
function stopHere(): void {
  process.exit(1);
}

/** What `attempt` gives, or, when it fails, its failure after `undo`. */
async function orElse<T>(attempt: () => Promise<T>, undo: () => Promise<void>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    await undo().catch(() => undefined);
    throw error;
  }
}
