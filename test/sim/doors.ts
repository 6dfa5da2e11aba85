/**
 * The doors of a simulated node: the services of src/rpc's two doors, with their limits, on the simulated
 * network.
 */
import type { AssertionFailed } from '../../src/base/assert.ts';
import type { Node } from '../../src/node.ts';
import type { Log } from '../../src/ports/log.ts';
import { CLIENT_LIMITS, CLUSTER_LIMITS } from '../../src/rpc/client-door.ts';
import { clusterMethods, kvMethods } from '../../src/rpc/client-methods.ts';
import { Gate, type GateLimits } from '../../src/rpc/gate.ts';
import { PEER_LIMITS } from '../../src/rpc/peer-door.ts';
import { peerMethods } from '../../src/rpc/peer-methods.ts';
import type { Door } from '../../src/rpc/serving.ts';
import { StallWatch } from '../../src/rpc/stall.ts';
import type { Protos } from '../../src/wire/protos.ts';
import type { Network } from './network/network.ts';
import type { Process } from './time/process.ts';

export interface DoorsParts {
  readonly process: Process;
  readonly node: Node;
  readonly network: Network;
  readonly protos: Protos;
  readonly log: Log;
  /** How many calls each door lets in at once, if that is less than usual. */
  readonly callsMax: number;
  readonly onBug: (bug: AssertionFailed) => void;
}

/**
 * Opens them all. What it returns turns away whoever comes from then on, but for those who ask how the node
 * is.
 */
export function openDoors(parts: DoorsParts): () => void {
  const { process, callsMax } = parts;
  const stalls = new StallWatch(process.clock);
  const gate = ({ calls, bytes }: GateLimits) => new Gate({ calls: Math.min(calls, callsMax), bytes });
  const [peers, clients] = [gate(PEER_LIMITS), gate(CLIENT_LIMITS)];
  const door = (behind: Gate): Door => ({ ...parts, clock: process.clock, gate: behind, stalls });
  listenForPeers(parts, door(peers));
  listenForClients(parts, { clients: door(clients), operators: door(new Gate(CLUSTER_LIMITS)) });
  return () => {
    peers.close();
    clients.close();
  };
}

function listenForPeers({ process, node, network, protos }: DoorsParts, door: Door): void {
  const { replica, handedOn: coordinator, meeting } = node;
  network.listen({
    address: `${process.name}:peer`,
    process,
    definition: protos.peer,
    methods: peerMethods({ replica, coordinator, meeting, admit: stamp => node.admit(stamp) }),
    door,
  });
}

function listenForClients(
  { process, node, network, protos }: DoorsParts,
  { clients, operators }: { clients: Door; operators: Door },
): void {
  const at = { address: `${process.name}:client`, process };
  const { requests, overview } = node;
  network.listen({ ...at, definition: protos.kv, methods: kvMethods(requests), door: clients });
  network.listen({ ...at, definition: protos.cluster, methods: clusterMethods(overview), door: operators });
}
