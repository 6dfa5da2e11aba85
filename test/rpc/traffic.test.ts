/**
 * What messages between nodes weigh, by what they are about: told at the node that asks, the answer included,
 * so that the sum over all nodes has each once.
 */
import { expect, test } from 'vitest';
import { peerProtocol } from '../../src/rpc/peer-protocol.ts';
import { Counters } from '../../src/system/counters.ts';
import { protos } from '../support/grpc.ts';
import { PLACE, sampleRecord } from '../support/samples.ts';
import { callWithin, fakeReplica, N2, openPeer, openRemotes } from './peer-support.ts';

const RECORD = sampleRecord(PLACE, Buffer.alloc(10_000));
const READ = { place: PLACE, digestOnly: false };
const APPLY = { place: PLACE, record: RECORD, standsInFor: undefined };

async function opened() {
  const handOff = async (records: readonly unknown[]) => ({ held: records.map(() => true) });
  const read = async () => ({ digest: RECORD.digest, record: RECORD, recovering: false });
  const { address } = await openPeer({ replica: fakeReplica({ read, handOff: handOff as never }) });
  const { remotes } = openRemotes(() => address);
  const counters = new Counters();
  remotes.traffic.gaugeIn(counters);
  const bytes = (about: string) => counters.snapshot().get(`peers.bytes.${about}`) ?? Number.NaN;
  return { replica: remotes.replica(N2), bytes };
}

test('a question and its answer count together', async () => {
  const { replica, bytes } = await opened();
  expect(bytes('requests')).toBe(0);
  await replica.read(READ, callWithin(5000));
  expect(bytes('requests')).toBeGreaterThan(10_000);
  expect(bytes('requests')).toBeLessThan(11_000);
  expect(bytes('records')).toBe(0);
});

test('records that are handed off count apart from what clients asked for', async () => {
  const { replica, bytes } = await opened();
  await replica.handOff([{ place: PLACE, record: RECORD }], callWithin(5000));
  expect(bytes('records')).toBeGreaterThan(10_000);
  expect(bytes('requests')).toBe(0);
});

test('what was never sent counts nothing', async () => {
  const { remotes } = openRemotes(() => undefined);
  const counters = new Counters();
  remotes.traffic.gaugeIn(counters);
  await expect(remotes.replica(N2).apply(APPLY, callWithin(5000))).rejects.toThrow();
  expect(counters.snapshot().get('peers.bytes.requests')).toBe(0);
});

test('all that compares, and the members, have sums of their own', () => {
  const methods = Object.values(peerProtocol(protos.messages));
  const named = methods.map(({ about }) => {
    const alike = methods.filter(other => other.about === about);
    return [about, alike.map(({ name }) => name).sort()];
  });
  expect(Object.fromEntries(named)).toEqual({
    requests: ['Apply', 'HandOnDelete', 'HandOnPut', 'Read'],
    comparisons: ['CompareKeys', 'CompareNodes', 'CompareSums'],
    records: ['Fetch', 'HandOff', 'Scan'],
    gossip: ['Gossip', 'Meet', 'Probe'],
  });
});
