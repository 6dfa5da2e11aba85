import { expect, test } from 'vitest';
import { nodeName, partition } from '../../src/base/ids.ts';
import type { RepairWith, SeenMember, Status } from '../../src/ports/overview.ts';
import { locationMessage, statusMessage } from '../../src/wire/overview.ts';
import { loadProtos } from '../../src/wire/protos.ts';
import { sampleCluster, sampleSeen } from '../support/samples.ts';

const { cluster } = loadProtos();
const N1 = sampleSeen('n1');
const N2: SeenMember = { ...sampleSeen('n2'), up: false, state: 'suspect', silentMs: 1700 };
const WITH: Omit<RepairWith, 'node'> = {
  up: true,
  partitionsLeft: 0,
  records: 0,
  bytes: 0,
  tookMs: 0,
  leftMs: undefined,
  agreedMs: undefined,
  agreedFor: 0,
};
const STATUS: Status = {
  node: nodeName('n1'),
  state: 'serving',
  cluster: sampleCluster(),
  ringDigest: 'ab'.repeat(16),
  members: [N1, N2],
  awaited: [],
  recoveringPartitions: 1,
  refill: { records: 70, bytes: 9_000, tookMs: 1_200.4, leftMs: undefined },
  records: 2,
  hints: 3,
  hintsFor: [{ target: nodeName('n2'), count: 3, oldestMs: 60_000 }],
  foreignRecords: 1,
  repair: {
    asked: 2,
    agreed: 1,
    with: [
      { ...WITH, node: nodeName('n2'), partitionsLeft: 3, records: 4, bytes: 500, tookMs: 60.4, leftMs: 9.6 },
      { ...WITH, node: nodeName('n3'), agreedMs: 0.2, agreedFor: 2 },
    ],
  },
  counters: new Map([['read.repair', 4]]),
};

const carried = (status: Status) =>
  cluster.Status.responseDeserialize(cluster.Status.responseSerialize(statusMessage(status)));

test('the status of a serving node goes over the wire with its ring', () => {
  expect(carried(STATUS)).toMatchObject({
    node: 'n1',
    state: 'serving',
    epoch: 1,
    partitions: 256,
    replication: 3,
    clusterId: Buffer.from(sampleCluster().id, 'hex'),
    ringDigest: Buffer.alloc(16, 0xab),
    members: [
      { name: 'n1', address: '127.0.0.1:7400', up: true, state: 'alive', silentMs: 0, partitions: 256 },
      { name: 'n2', up: false, state: 'suspect', silentMs: 1700 },
    ],
    recoveringPartitions: 1,
    refill: { records: 70, bytes: 9_000, tookMs: 1_200 },
    records: 2,
    hints: 3,
    hintsFor: [{ target: 'n2', count: 3, oldestMs: 60_000 }],
    foreignRecords: 1,
    repair: {
      asked: 2,
      agreed: 1,
      with: [
        { node: 'n2', up: true, partitionsLeft: 3, records: 4, bytes: 500, tookMs: 60, leftMs: 10 },
        { node: 'n3', agreedMs: 0, agreedFor: 2 },
      ],
    },
    counters: { 'read.repair': 4 },
  });
});

test('what of a repair nobody knows is left out, and what is known may be 0', () => {
  const [n2, n3] = carried(STATUS).repair!.with;
  expect(n2).not.toHaveProperty('agreedMs');
  expect(n3).not.toHaveProperty('leftMs');
  expect(n3).toHaveProperty('agreedMs', 0);
});

test('before the ring is born the status says who is awaited, and epoch 0', () => {
  const waiting: Status = {
    ...STATUS,
    state: 'waiting',
    cluster: undefined,
    ringDigest: '',
    awaited: ['n2 has not been met'],
  };
  const message = carried(waiting);
  expect(message).toMatchObject({
    state: 'waiting',
    epoch: 0,
    partitions: 0,
    awaited: ['n2 has not been met'],
  });
  expect(message.clusterId).toHaveLength(0);
});

test('a location names the owners of a key and who stands in for them', () => {
  const location = {
    partition: partition(7),
    epoch: 1,
    primaries: [N1],
    fallbacks: [N2],
  };
  expect(locationMessage(location)).toEqual({
    partition: 7,
    epoch: 1,
    primaries: [{ name: 'n1', address: '127.0.0.1:7400', up: true }],
    fallbacks: [{ name: 'n2', address: '127.0.0.1:7400', up: false }],
  });
});
