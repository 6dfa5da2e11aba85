/**
 * What else the client port serves: the cluster's state, health and reflection; and what it does not serve.
 */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Client, credentials, status } from '@grpc/grpc-js';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';
import { describe, expect, test } from 'vitest';
import { ShoalError } from '../../src/base/errors.ts';
import { clusterId, nodeName, partition } from '../../src/base/ids.ts';
import type { Overview } from '../../src/ports/overview.ts';
import { ask, failureOf, plainClient, protos, shoalFailureOf } from '../support/grpc.ts';
import { sampleSeen } from '../support/samples.ts';
import { noOverview, openDoor } from './support.ts';

interface Health {
  readonly Check: MethodDefinition<{ service?: string }, object, object, { status: number }>;
}

const health = protos.all['grpc.health.v1.Health'] as unknown as Health;
const [SERVING, NOT_SERVING] = [1, 2];

test('health says serving only while the node does, for the whole node and for KV', async () => {
  const door = await openDoor({});
  const client = plainClient(door.address);
  const check = async (service: string) =>
    (await ask(client, { method: health.Check, message: { service } }).reply).status;
  expect([await check(''), await check('shoal.v1.KV')]).toEqual([NOT_SERVING, NOT_SERVING]);
  door.setServing(true);
  expect([await check(''), await check('shoal.v1.KV')]).toEqual([SERVING, SERVING]);
  door.setServing(false);
  expect([await check(''), await check('shoal.v1.KV')]).toEqual([NOT_SERVING, NOT_SERVING]);
  const unknown = ask(client, { method: health.Check, message: { service: 'nobody' } }).reply;
  expect((await failureOf(unknown)).code).toBe(status.NOT_FOUND);
});

test('reflection lists the public services and no others', async () => {
  const { address } = await openDoor({});
  expect(await reflected(address, { listServices: '*' })).toMatchObject({
    listServicesResponse: {
      service: [{ name: 'grpc.health.v1.Health' }, { name: 'shoal.v1.Cluster' }, { name: 'shoal.v1.KV' }],
    },
  });
});

test('reflection describes messages with their own names, and nothing of the peers', async () => {
  const { address } = await openDoor({});
  const found = await reflected(address, { fileContainingSymbol: 'shoal.v1.PutRequest' });
  const files = (found as { fileDescriptorResponse: { fileDescriptorProto: Buffer[] } })
    .fileDescriptorResponse;
  expect(Buffer.concat(files.fileDescriptorProto).includes('write_id')).toBe(true);
  expect(await reflected(address, { fileContainingSymbol: 'shoal.peer.v1.Peer' })).toMatchObject({
    errorResponse: { errorCode: status.NOT_FOUND },
  });
});

test('peer methods are not served here', async () => {
  const client = plainClient((await openDoor({})).address);
  for (const method of Object.values(protos.peer)) {
    const sent = { ...method, requestSerialize: () => Buffer.alloc(0) };
    expect((await failureOf(ask(client, { method: sent, message: {} }).reply)).code).toBe(
      status.UNIMPLEMENTED,
    );
  }
});

test('the place of a key is told with names, addresses and who is up', async () => {
  const member = sampleSeen('n2');
  const overview: Overview = {
    ...noOverview,
    locate: ({ key }) => {
      if (key === '') throw new ShoalError('BAD_KEY', 'key is empty');
      return { partition: partition(7), epoch: 1, primaries: [member], fallbacks: [] };
    },
  };
  const client = plainClient((await openDoor({ overview })).address);
  const { Locate } = protos.cluster;
  expect(await ask(client, { method: Locate, message: { bucket: 'b', key: 'k' } }).reply).toMatchObject({
    partition: 7,
    primaries: [{ name: 'n2', address: '127.0.0.1:7400', up: true }],
  });
  const failed = ask(client, { method: Locate, message: { bucket: 'b', key: '' } }).reply;
  expect(await shoalFailureOf(failed)).toMatchObject({ reason: 'BAD_KEY' });
});

test('the ring is told once for all keys: who the members are, where they listen, and who owns which partition', async () => {
  const names = ['n1', 'n2'].map(nodeName);
  const members = names.map(name => ({ ...sampleSeen(name), up: name === 'n1' }));
  const primaries = [names, [...names].reverse()];
  const ring = { epoch: 4, replication: 2, members, primaries };
  const overview: Overview = {
    ...noOverview,
    ring: () => ({ node: nodeName('n1'), cluster: { id: clusterId('00ff00ff00ff00ff'), ring }, members }),
  };
  const client = plainClient((await openDoor({ overview })).address);
  const reply = await ask(client, { method: protos.cluster.Ring, message: {} }).reply;
  expect(reply).toMatchObject({
    node: 'n1',
    epoch: 4,
    replication: 2,
    members: [
      { name: 'n1', address: members[0]!.address, up: true },
      { name: 'n2', address: members[1]!.address, up: false },
    ],
    primaries: [{ members: [0, 1] }, { members: [1, 0] }],
  });
  expect(reply.clusterId.toString('hex')).toBe('00ff00ff00ff00ff');
});

test('the status is told also when no more reads and writes are let in', async () => {
  const overview: Overview = {
    ...noOverview,
    status: () => ({
      node: nodeName('n1'),
      state: 'waiting',
      cluster: undefined,
      ringDigest: '',
      members: [],
      awaited: ['n2'],
      recoveringPartitions: 0,
      refill: { records: 0, bytes: 0, tookMs: 0, leftMs: undefined },
      records: 0,
      hints: 0,
      hintsFor: [],
      foreignRecords: 0,
      repair: { asked: 0, agreed: 0, with: [] },
      counters: new Map(),
    }),
  };
  const client = plainClient((await openDoor({ overview, limits: { calls: 0, bytes: 0 } })).address);
  const reply = await ask(client, { method: protos.cluster.Status, message: {} }).reply;
  expect(reply).toMatchObject({ node: 'n1', state: 'waiting', awaited: ['n2'] });
  const put = ask(client, { method: protos.kv.Get, message: {} }).reply;
  expect(await shoalFailureOf(put)).toMatchObject({ reason: 'OVERLOADED' });
});

describe('a round of repair', () => {
  const { Repair } = protos.cluster;

  test('that is asked for is known by its number, at the node that answers', async () => {
    const repairs = { repairNow: () => ({ node: nodeName('n1'), asked: 7 }) };
    const client = plainClient((await openDoor({ repairs })).address);
    expect(await ask(client, { method: Repair, message: {} }).reply).toEqual({ node: 'n1', asked: 7 });
  });

  test('cannot be had of a node that does not serve', async () => {
    const repairNow = () => {
      throw new ShoalError('NOT_READY', 'this node does not serve yet');
    };
    const client = plainClient((await openDoor({ repairs: { repairNow } })).address);
    const failed = ask(client, { method: Repair, message: {} }).reply;
    expect(await shoalFailureOf(failed)).toMatchObject({ reason: 'NOT_READY', outcome: 'not applied' });
  });
});

/** Asks one question of the reflection service. */
async function reflected(address: string, question: object): Promise<object> {
  const root = dirname(createRequire(import.meta.url).resolve('@grpc/reflection/package.json'));
  const file = join(root, 'build/proto/grpc/reflection/v1/reflection.proto');
  const loaded = loadSync(file, { oneofs: true, defaults: false });
  const service = loaded['grpc.reflection.v1.ServerReflection'] as unknown as {
    ServerReflectionInfo: MethodDefinition<object, object>;
  };
  const { path, requestSerialize, responseDeserialize } = service.ServerReflectionInfo;
  const client = new Client(address, credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) => {
      const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, {
        deadline: Date.now() + 5000,
      });
      stream.on('data', resolve).on('error', reject);
      stream.write(question);
      stream.end();
    });
  } finally {
    client.close();
  }
}
