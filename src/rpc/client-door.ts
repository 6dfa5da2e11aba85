/**
 * The port for clients (DESIGN §8): shoal.v1.KV and shoal.v1.Cluster, health and reflection; nothing of the peers'. It turns
 * messages into requests and answers into messages. Names, quorums and contexts are judged by the coordinator.
 */
import { Server } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { Overview } from '../ports/overview.ts';
import type { Requests } from '../ports/requests.ts';
import { locationMessage, statusMessage } from '../wire/overview.ts';
import { getReplyMessage, writeReplyMessage } from '../wire/replies.ts';
import { readDelete, readGet, readPut } from '../wire/requests.ts';
import { Gate, type GateLimits } from './gate.ts';
import { closeServer, listen, SERVER_OPTIONS } from './listen.ts';
import { addReflection } from './reflection.ts';
import { addService } from './service.ts';
import { StallWatch } from './stall.ts';
import { type Door, unary } from './unary.ts';

export interface ClientDoorOptions extends Omit<Door, 'gate' | 'stalls'> {
  /** host:port; port 0 for any free one. */
  readonly address: string;
  readonly requests: Requests;
  readonly overview: Overview;
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
const LIMITS: GateLimits = { calls: 4096, bytes: 256 * MIB };
/** Few, but their own: an operator looks at the status when the node is overloaded. */
const CLUSTER_LIMITS: GateLimits = { calls: 64, bytes: 0 };
/** Well above the largest value, so that one of 5 MiB is refused in our words and not in gRPC's. */
const RECEIVE_BYTES_MAX = 16 * MIB;
const KV = 'shoal.v1.KV';

/** Rejects with StartUpError when the address cannot be bound. */
export async function openClientDoor(options: ClientDoorOptions): Promise<ClientDoor> {
  const server = new Server({ ...SERVER_OPTIONS, 'grpc.max_receive_message_length': RECEIVE_BYTES_MAX });
  const gate = new Gate(options.limits ?? LIMITS);
  const stalls = new StallWatch(options.clock);
  addKv(server, options.requests, { ...options, gate, stalls });
  addCluster(server, options.overview, { ...options, gate: new Gate(CLUSTER_LIMITS), stalls });
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
      await closeServer(server, graceMs);
      stalls.stop();
    },
  };
}

function addKv(server: Server, requests: Requests, door: Door): void {
  addService(server, door.protos.kv, {
    Get: unary(door, {
      name: 'Get',
      write: false,
      answer: async (message, call) => getReplyMessage(await requests.get(readGet(message), call)),
    }),
    Put: unary(door, {
      name: 'Put',
      write: true,
      bytes: ({ value }) => value?.bytes?.byteLength ?? value?.text?.length ?? 0,
      answer: async (message, call) => writeReplyMessage(await requests.put(readPut(message), call)),
    }),
    Delete: unary(door, {
      name: 'Delete',
      write: true,
      answer: async (message, call) => writeReplyMessage(await requests.delete(readDelete(message), call)),
    }),
  });
}

function addCluster(server: Server, overview: Overview, door: Door): void {
  addService(server, door.protos.cluster, {
    Status: unary(door, { name: 'Status', write: false, answer: () => statusMessage(overview.status()) }),
    Locate: unary(door, {
      name: 'Locate',
      write: false,
      answer: ({ bucket, key }) => locationMessage(overview.locate({ bucket, key })),
    }),
  });
}
