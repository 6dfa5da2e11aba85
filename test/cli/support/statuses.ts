/** What a node may say of itself, as the SDK shows it. */
import type { ClusterStatus, MemberStatus, RepairWith } from '../../../src/client/index.ts';

export const QUIET_STATUS: ClusterStatus = {
  node: 'n1',
  state: 'serving',
  clusterId: '0123456789abcdef',
  epoch: 1,
  ringDigest: 'feedfacecafebeef',
  partitions: 256,
  replication: 3,
  members: [],
  awaited: [],
  recoveringPartitions: 0,
  refill: { records: 0, bytes: 0, tookMs: 0 },
  records: 1204,
  hints: 0,
  hintsFor: [],
  foreignRecords: 0,
  repair: { asked: 0, agreed: 0, with: [] },
  counters: {},
};

/** As a healthy one is seen. */
export const memberAt = (name: string, port: number): MemberStatus => ({
  name,
  address: `127.0.0.1:${port}`,
  peerAddress: `127.0.0.1:${port + 1}`,
  zone: '',
  weight: 1,
  up: true,
  state: 'alive',
  silentMs: 40,
  partitions: 256,
});

/** How far a node is with this one, told apart from having agreed just now without anything to do. */
export function repairWith(node: string, otherwise: Partial<RepairWith> = {}): RepairWith {
  return {
    node,
    up: true,
    partitionsLeft: 0,
    records: 0,
    bytes: 0,
    tookMs: 0,
    leftMs: undefined,
    agreedMs: 1_000,
    agreedFor: 0,
    ...otherwise,
  };
}
