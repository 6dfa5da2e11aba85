/** Sound things to say and to send, for tests that then break one part of them. */
import { Buffer } from 'node:buffer';
import { bootId, clusterId, type Incarnation, incarnation, nodeName, writeId } from '../../src/base/ids.ts';
import { type Cluster, type Founder, type Member, nameOfCluster } from '../../src/core/membership/cluster.ts';
import { type SealedRecord, seal } from '../../src/core/record/codec.ts';
import type { Record } from '../../src/core/record/record.ts';
import { actorOf } from '../../src/core/record/version-vector.ts';
import { type KeyPlace, PARTITIONS, placeKey } from '../../src/core/ring/placement.ts';
import type { Gossip } from '../../src/ports/gossip.ts';
import type { Greeting } from '../../src/ports/meeting.ts';
import type { SeenMember } from '../../src/ports/overview.ts';
import type { Stamp } from '../../src/ports/stamp.ts';

export const PLACE: KeyPlace = placeKey({ bucket: 'carts', key: 'ann' });

export const STAMP: Stamp = {
  clusterId: clusterId('00112233445566aa'),
  epoch: 1,
  ringDigest: 'ab'.repeat(16),
  sender: nodeName('n1'),
  recipient: nodeName('n2'),
  bootId: bootId('0a'.repeat(16)),
};

export function sampleIncarnation(): Incarnation {
  return incarnation(Buffer.from('00ff80aa11223344', 'hex'));
}

/** A record with one sibling of this value, sealed for this key. */
export function sampleRecord(
  place: KeyPlace = PLACE,
  value: Uint8Array = Buffer.from('\0bread'),
): SealedRecord {
  const dot = { actor: actorOf(sampleIncarnation(), 3), counter: 7 };
  const sibling = { dot, writtenAt: 1_700_000_000_000 * 1024, writeId: writeId(Buffer.alloc(16, 5)), value };
  const record: Record = { vector: [dot], siblings: [sibling], overwritten: [] };
  return seal(record, place);
}

export function sampleMember(name: string): Member {
  const addresses = { address: '127.0.0.1:7400', peerAddress: '127.0.0.1:7401' };
  return { name: nodeName(name), zone: 'a', weight: 1, ...addresses, bootId: bootId('0a'.repeat(16)) };
}

/** As a node sees itself, or a member that answers. */
export function sampleSeen(name: string): SeenMember {
  return { ...sampleMember(name), up: true, state: 'alive', silentMs: 0, partitions: 256 };
}

export function sampleFounder(name: string): Founder {
  return { name: nodeName(name), zone: 'a', weight: 1, nonce: '0b'.repeat(16) };
}

/** Three nodes, each of them an owner of everything. */
export function sampleCluster(): Cluster {
  const names = ['n1', 'n2', 'n3'].map(nodeName);
  const members = names.map(name => ({ name, zone: 'a', weight: 1 }));
  const primaries = Array.from({ length: PARTITIONS }, (_, i) => names.map((_, j) => names[(i + j) % 3]!));
  return { id: STAMP.clusterId, ring: { epoch: 1, replication: 3, members, primaries } };
}

export function sampleGreeting(): Greeting {
  return {
    self: sampleMember('n1'),
    expect: 3,
    founder: sampleFounder('n1'),
    members: ['n1', 'n2'].map(sampleMember),
    met: ['n1', 'n2'].map(sampleFounder),
    vote: ['n1', 'n2', 'n3'].map(sampleFounder),
    named: nameOfCluster(sampleCluster()),
    cluster: sampleCluster(),
    incarnation: sampleIncarnation(),
    version: 3,
    disputedVersion: 2,
    disputedDown: true,
    highestCounter: Number.MAX_SAFE_INTEGER,
    store: { id: '0c'.repeat(16), lastBatch: 12 },
    rememberedBatch: 11,
  };
}

/** Of four members, each in another state. */
export function sampleGossip(): Gossip {
  const entries = (['alive', 'suspect', 'down', 'removed'] as const).map((state, i) => ({
    ...sampleMember(`n${i + 1}`),
    version: i + 3,
    state,
    suspectedBy: state === 'suspect' ? ['n1', 'n3'].map(nodeName) : [],
  }));
  return { digest: 'ab'.repeat(8), entries, whole: true, store: { id: '0c'.repeat(16), lastBatch: 12 } };
}
