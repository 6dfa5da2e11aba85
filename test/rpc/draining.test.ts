/** A node that is told to end loses nothing that is under way to it, and keeps nobody waiting (TRAPS G8). */
import { Buffer } from 'node:buffer';
import { status } from '@grpc/grpc-js';
import { expect, test, vi } from 'vitest';
import { ReplicaFailed } from '../../src/ports/replica.ts';
import { protos, withResolvers } from '../support/grpc.ts';
import { PLACE, sampleRecord } from '../support/samples.ts';
import { callWithin, fakeReplica, N2, openPeer, openRemotes } from './peer-support.ts';
import { rawPipeline, soon } from './stream-support.ts';
import { fakeRequests, openDoor, REPLICAS } from './support.ts';

const GRACE_MS = 60_000;
const GET = { bucket: 'b', key: 'k' };
const ANSWER = { siblings: [], context: Buffer.alloc(0), replicas: REPLICAS };
const READ = { place: PLACE, digestOnly: false };
const RECORD = sampleRecord();
const FOUND = { digest: RECORD.digest, record: RECORD, recovering: false };
const DRAINING = { reason: 'DRAINING', metadata: { outcome: 'not applied', 'retry-pushback-ms': '1000' } };

test('on a pipeline, what is under way is answered, and what is asked from then on is refused and not applied', async () => {
  const found = withResolvers<typeof ANSWER>();
  const get = vi.fn(() => found.promise);
  const door = await openDoor({ requests: fakeRequests({ get }) });
  const pipeline = rawPipeline(door.address);
  pipeline.send({ id: 1, get: GET });
  await soon(() => get.mock.calls.length === 1);
  const closed = door.close(GRACE_MS);
  await soon(() => pipeline.frames.length === 1);
  expect(protos.kv.Pipeline.responseDeserialize(pipeline.frames[0]!).draining).toBe(true);
  pipeline.send({ id: 2, get: GET });
  expect((await pipeline.result(2)).failure).toMatchObject(DRAINING);
  found.resolve(ANSWER);
  expect((await pipeline.result(1)).outcome).toBe('get');
  pipeline.stream.end();
  expect((await pipeline.ended).code).toBe(status.OK);
  await closed;
  expect(get).toHaveBeenCalledOnce();
});

test('a client that does not understand is left in good order when all is answered', async () => {
  const door = await openDoor({ requests: fakeRequests({ get: async () => ANSWER }) });
  const pipeline = rawPipeline(door.address);
  pipeline.send({ id: 1, get: GET });
  await pipeline.result(1);
  await door.close(GRACE_MS);
  expect((await pipeline.ended).code).toBe(status.OK);
});

test('between nodes nothing is lost, however much is asked while one of them ends', async () => {
  const late: (() => void)[] = [];
  const read = () => new Promise<typeof FOUND>(resolve => late.push(() => resolve(FOUND)));
  const door = await openPeer({ replica: fakeReplica({ read }) });
  const { remotes, told } = openRemotes(() => door.address);
  const replica = remotes.replica(N2);
  const ask = async () => await replica.read(READ, callWithin(20_000));
  const before = Array.from({ length: 50 }, ask);
  await soon(() => late.length === 50);
  const closed = door.close(GRACE_MS);
  const meanwhile: Promise<unknown>[] = [];
  for (let turn = 0; turn < 50; turn++) {
    for (let i = 0; i < 10; i++) meanwhile.push(ask().catch((error: ReplicaFailed) => error.failure));
    await new Promise(resolve => setImmediate(resolve));
  }
  for (const answer of late) answer();
  expect(await Promise.all(before)).toEqual(Array(50).fill(FOUND));
  const outcomes = new Set(await Promise.all(meanwhile));
  expect([...outcomes].filter(outcome => outcome !== 'refused' && outcome !== 'not sent')).toEqual([]);
  await closed;
  expect(told.map(([, how]) => how)).not.toContain('lost');
});

test('a link that nobody uses keeps no node from ending', async () => {
  const door = await openPeer({ replica: fakeReplica({ read: async () => FOUND }) });
  const { remotes } = openRemotes(() => door.address);
  await remotes.replica(N2).read(READ, callWithin(5000));
  await door.close(GRACE_MS);
  await expect(remotes.replica(N2).read(READ, callWithin(5000))).rejects.toBeInstanceOf(ReplicaFailed);
});
