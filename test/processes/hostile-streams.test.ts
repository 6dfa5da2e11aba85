/**
 * Clients that would have all of a node's memory, against real nodes: one that opens 10 000 streams, one that
 * reads nothing of what it asks for. They are told no, or are waited for no longer; the node stays as large
 * as it was, give or take, and serves whoever else comes (I10; TRAPS G5, G7).
 */
import { Buffer } from 'node:buffer';
import {
  type ClientDuplexStream,
  credentials,
  Client as GrpcClient,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import { loadProtos } from '../../src/wire/protos.ts';
import { clientOf } from './support/clients.ts';
import { sharedCluster } from './support/live-cluster.ts';
import type { LiveNode } from './support/live-node.ts';
import { until } from './support/until.ts';

const { Pipeline } = loadProtos().kv;
const MIB = 1024 * 1024;
/**
 * Generous: several times what clients may leave unread. Without bounds it would be a gigabyte, and more with
 * more streams.
 */
const GROWTH_BYTES_MAX = 600 * MIB;
const STREAMS = 10_000;
const CONNECTIONS = 10;
/** As many as one connection may have (src/rpc/served-links.ts). */
const PIPELINES_PER_CONNECTION = 16;

const cluster = sharedCluster();

type Stream = ClientDuplexStream<Buffer, Buffer>;

/** Opens streams on one connection of their own. */
function connection({ spec }: LiveNode): () => Stream {
  const client = new GrpcClient(spec.listen, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
  });
  onTestFinished(() => client.close());
  const same = (bytes: Buffer) => bytes;
  return () => client.makeBidiStreamRequest(Pipeline.path, same, same).on('error', () => {});
}

async function othersAreServed(node: LiveNode): Promise<void> {
  const bucket = clientOf(node).bucket('others');
  await bucket.put('k', 'v');
  expect((await bucket.get('k')).value).toBe('v');
}

test('10 000 streams of one client: most are refused with a reason, others are served meanwhile and after', async () => {
  const [node] = cluster().nodes;
  await othersAreServed(node!);
  const before = node!.residentBytes;
  const refused: ServiceError[] = [];
  const streams: Stream[] = [];
  for (let i = 0; i < CONNECTIONS; i += 1) {
    const open = connection(node!);
    for (let j = 0; j < STREAMS / CONNECTIONS; j += 1)
      streams.push(open().on('error', (error: ServiceError) => refused.push(error)));
    await othersAreServed(node!);
  }
  const kept = PIPELINES_PER_CONNECTION * CONNECTIONS;
  await until('what is too much is refused', async () => refused.length === STREAMS - kept);
  for (const error of refused) {
    expect([error.code, error.details.slice(0, 11)]).toEqual([status.RESOURCE_EXHAUSTED, 'OVERLOADED:']);
  }
  await othersAreServed(node!);
  expect(node!.residentBytes - before).toBeLessThan(GROWTH_BYTES_MAX);
  for (const stream of streams) stream.cancel();
  await othersAreServed(node!);
});

test('a client that asks for gigabytes and reads nothing: others are served, and it is cut off before it has all the memory', async () => {
  const [node] = cluster().nodes;
  const key = { bucket: 'large', key: 'k' };
  await node!.calls.put({ ...key, value: { bytes: Buffer.alloc(MIB, 7) } });
  const before = node!.residentBytes;
  const cut: ServiceError[] = [];
  const greedy = Array.from({ length: 64 }, () => connection(node!)().pause());
  for (const stream of greedy) stream.on('error', (error: ServiceError) => cut.push(error));
  for (let id = 1; cut.length < 5; id += 1) {
    for (const stream of greedy) stream.write(Pipeline.requestSerialize({ ops: [{ id, get: key }] }));
    await othersAreServed(node!);
    expect(node!.residentBytes - before).toBeLessThan(GROWTH_BYTES_MAX);
  }
  for (const stream of greedy) stream.cancel();
  await othersAreServed(node!);
});
