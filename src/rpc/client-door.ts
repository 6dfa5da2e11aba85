/**
 * The port for clients (DESIGN §8): shoal.v1.KV and shoal.v1.Cluster, health and reflection; nothing of the
 * peers'. What is answered there: client-methods.ts.
 */
import { Server } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { LINK_BOUNDS } from '../link/asking.ts';
import type { Overview, Repairs } from '../ports/overview.ts';
import type { Requests } from '../ports/requests.ts';
import type { Turns } from '../ports/turns.ts';
import { pipelineDialect } from '../wire/pipeline-dialect.ts';
import type { Protos } from '../wire/protos.ts';
import { clusterMethods, kvMethods, pipelineMethods } from './client-methods.ts';
import { gaugeDoor } from './door-gauges.ts';
import { Gate, type GateLimits } from './gate.ts';
import { closeServer, listen, SERVER_OPTIONS } from './listen.ts';
import { addReflection } from './reflection.ts';
import { ServedLinks } from './served-links.ts';
import { addService } from './service.ts';
import type { Door } from './serving.ts';
import { StallWatch } from './stall.ts';

export interface ClientDoorOptions extends Omit<Door, 'gate' | 'stalls'> {
  /** host:port; port 0 for any free one. */
  readonly address: string;
  readonly protos: Protos;
  readonly turns: Turns;
  readonly requests: Requests;
  readonly overview: Overview;
  readonly repairs: Repairs;
  /** How much may be under way at once. */
  readonly limits?: GateLimits;
}

export interface ClientDoor {
  /** host:port as bound. */
  readonly address: string;
  /** What health checks are told; not serving at first. */
  setServing(serving: boolean): void;
  /** Turns away new reads and writes, lets those under way finish for `graceMs`, then closes. */
  close(graceMs: number): Promise<void>;
}

const MIB = 1024 * 1024;
/** What is let in at all, whatever its age: an overload is to cost less than 256 MiB. */
export const CLIENT_LIMITS: GateLimits = { calls: 4096, bytes: 96 * MIB };
/** Few, but their own: an operator looks at the status when the node is overloaded. */
export const CLUSTER_LIMITS: GateLimits = { calls: 64, bytes: 0 };
/**
 * Calls and streams that one connection may have under way; a client with more to ask keeps it back. To
 * refuse a unary call costs nearly as much as to answer it, so a flood of them must not even be sent: 1. two
 * dozen connections ask 1000 at once each; 2. they lie in sockets, where nobody knows their age, for 3 s; 3.
 * nothing is done but to refuse what has been given up already (goodput 7 % of peak; with 32, 75 %). And 32
 * are more than a node answers in 10 ms.
 */
const CONNECTION_CALLS_MAX = 32;
/** Well above the largest value, so that one of 5 MiB is refused in our words and not in gRPC's. */
const RECEIVE_BYTES_MAX = 16 * MIB;
/**
 * What one program may have under way on one stream: what this client has at the most, and a quarter of the
 * door, so that one that asks without measure leaves room for others.
 */
export const PIPELINE_CALLS_MAX = LINK_BOUNDS.prompt.calls;
const PIPELINES_MAX = 4096;
const KV = 'shoal.v1.KV';

/** Rejects with StartUpError when the address cannot be bound. */
export async function openClientDoor(options: ClientDoorOptions): Promise<ClientDoor> {
  const server = new Server({
    ...SERVER_OPTIONS,
    'grpc.max_concurrent_streams': CONNECTION_CALLS_MAX,
    'grpc.max_receive_message_length': RECEIVE_BYTES_MAX,
  });
  const stalls = new StallWatch(options.clock);
  const gateOf = (limits: GateLimits) => new Gate({ ...options, stalls, limits });
  const gate = gateOf(options.limits ?? CLIENT_LIMITS);
  const { protos, turns, requests, overview } = options;
  const door = { ...options, gate, stalls };
  gaugeDoor('clients', door);
  const methods = kvMethods(requests);
  const pipelines = new ServedLinks({
    door,
    turns,
    protos,
    carriages: pipelineMethods(methods, protos.messages),
    dialect: pipelineDialect(protos.messages, { epoch: () => overview.epoch }),
    callsMax: PIPELINE_CALLS_MAX,
    streamsMax: PIPELINES_MAX,
  });
  addService(
    server,
    { definition: protos.kv, methods, streams: { Pipeline: pipelines.handler }, protos },
    door,
  );
  addService(
    server,
    { definition: protos.cluster, methods: clusterMethods(options), protos },
    { ...options, gate: gateOf(CLUSTER_LIMITS), stalls },
  );
  const health = new HealthImplementation({ '': 'NOT_SERVING', [KV]: 'NOT_SERVING' });
  health.addToServer(server);
  addReflection(server);
  const setServing = (serving: boolean) => {
    for (const service of ['', KV]) health.setStatus(service, serving ? 'SERVING' : 'NOT_SERVING');
  };
  const address = await listen(server, { address: options.address, flag: '--listen' });
  return {
    address,
    setServing,
    async close(graceMs: number) {
      setServing(false);
      gate.close();
      pipelines.finish();
      await closeServer(server, graceMs);
      stalls.stop();
    },
  };
}
