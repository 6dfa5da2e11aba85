/**
 * The doors of a simulated node: the services of src/rpc's two doors, with their limits, on the simulated
 * network.
 */
import type { AssertionFailed } from '../../src/base/assert.ts';
import { LINK_BOUNDS } from '../../src/link/asking.ts';
import type { Node } from '../../src/node.ts';
import type { Log } from '../../src/ports/log.ts';
import type { Metrics } from '../../src/ports/metrics.ts';
import { CLIENT_LIMITS, CLUSTER_LIMITS, PIPELINE_CALLS_MAX } from '../../src/rpc/client-door.ts';
import { clusterMethods, kvMethods, pipelineMethods } from '../../src/rpc/client-methods.ts';
import { Gate, type GateLimits } from '../../src/rpc/gate.ts';
import { PEER_LIMITS } from '../../src/rpc/peer-door.ts';
import { peerMethods } from '../../src/rpc/peer-methods.ts';
import { ServedLinks, type ServedLinksOptions } from '../../src/rpc/served-links.ts';
import type { Door } from '../../src/rpc/serving.ts';
import { StallWatch } from '../../src/rpc/stall.ts';
import type { Dialect } from '../../src/wire/frame.ts';
import { pipelineDialect } from '../../src/wire/pipeline-dialect.ts';
import type { Protos } from '../../src/wire/protos.ts';
import type { Network, Port } from './network/network.ts';
import { watchedCarriages } from './network/served-call.ts';
import type { Process } from './time/process.ts';

export interface DoorsParts {
  readonly process: Process;
  /** Where it listens for other nodes. */
  readonly peerAddress: string;
  readonly node: Node;
  readonly network: Network;
  readonly protos: Protos;
  /** Of the frames between nodes. */
  readonly dialect: Dialect;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How many calls each door lets in at once, if that is less than usual. */
  readonly callsMax: number;
  readonly onBug: (bug: AssertionFailed) => void;
}

/** Never reached: a node and its peers have one each, and those that died with a connection. */
const STREAMS_MAX = 1024;

/**
 * Opens them all. What it returns turns away whoever comes from then on, but for those who ask how the node
 * is.
 */
export function openDoors(parts: DoorsParts): () => void {
  const { callsMax, process } = parts;
  const { clock, turns } = process;
  const stalls = new StallWatch(clock);
  const gateOf = (limits: GateLimits, most = callsMax) =>
    new Gate({ limits: { ...limits, calls: Math.min(limits.calls, most) }, clock, turns, stalls });
  const [peers, clients, operators] = [
    gateOf(PEER_LIMITS),
    gateOf(CLIENT_LIMITS),
    gateOf(CLUSTER_LIMITS, CLUSTER_LIMITS.calls),
  ];
  const door = (gate: Gate): Door => ({ ...parts, clock, gate, stalls });
  const links = [
    listenForPeers(parts, door(peers)),
    listenForClients(parts, { clients: door(clients), operators: door(operators) }),
  ];
  return () => {
    for (const gate of [peers, clients]) gate.close();
    for (const close of links) close();
  };
}

function listenForPeers(parts: DoorsParts, door: Door): () => void {
  const { process, peerAddress, node, network, protos, dialect, metrics } = parts;
  const { messages } = protos;
  const { replica, handedOn: coordinator, meeting, gossip } = node;
  const comparisons = node.comparisons.bind(node);
  const services = {
    replica,
    coordinator,
    comparisons,
    meeting,
    gossip,
    metrics,
    admit: node.admit.bind(node),
  };
  const { prompt, bulk } = LINK_BOUNDS;
  const carriages = peerMethods(services, messages);
  const port = { address: peerAddress, process };
  return serveLinks(
    { port, network, protos },
    { door, dialect, carriages, callsMax: prompt.calls + bulk.calls },
  );
}

function listenForClients(
  { process, node, network, protos }: DoorsParts,
  { clients, operators }: { clients: Door; operators: Door },
): () => void {
  const port = { address: `${process.name}:client`, process };
  const { requests, overview } = node;
  const { messages, kv, cluster } = protos;
  const methods = kvMethods(requests);
  network.listen(port, { definition: kv, methods, door: clients, protos });
  network.listen(port, { definition: cluster, methods: clusterMethods(node), door: operators, protos });
  const dialect = pipelineDialect(messages, { epoch: () => overview.epoch });
  const carriages = pipelineMethods(methods, messages);
  return serveLinks(
    { port, network, protos },
    { door: clients, dialect, carriages, callsMax: PIPELINE_CALLS_MAX },
  );
}

/** Takes the streams of a port. @returns what bids them end, and turns new ones away */
function serveLinks(
  { port, network, protos }: { readonly port: Port; readonly network: Network; readonly protos: Protos },
  options: Pick<ServedLinksOptions, 'door' | 'dialect' | 'carriages' | 'callsMax'>,
): () => void {
  const links = new ServedLinks({
    ...options,
    protos,
    turns: port.process.turns,
    carriages: watchedCarriages(options.carriages, network.watch(port.process)),
    streamsMax: STREAMS_MAX,
  });
  network.listenForStreams(port, open => links.accept(open));
  return () => {
    links.finish();
    network.listenForStreams(port, () => undefined);
  };
}
