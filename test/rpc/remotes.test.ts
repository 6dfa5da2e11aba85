/**
 * What a node learns of a call to another that does not go well: not sent, lost or refused, and nothing
 * rosier than the truth.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { status } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ReplicaFailed } from '../../src/ports/replica.ts';
import type { Stamp } from '../../src/ports/stamp.ts';
import { peerProtocol } from '../../src/rpc/peer-protocol.ts';
import { protos, withResolvers } from '../support/grpc.ts';
import { PLACE, STAMP, sampleGreeting, sampleRecord } from '../support/samples.ts';
import { callWithin, fakeReplica, N2, openPeer, openRemotes } from './peer-support.ts';
import { rawLink } from './stream-support.ts';

const READ = { place: PLACE, digestOnly: false };
const RECORD = sampleRecord();
const APPLY = { place: PLACE, record: RECORD, standsInFor: undefined };
const FOUND = { digest: RECORD.digest, record: RECORD, recovering: false };
const METHODS = ['Read', 'Apply', 'Scan', 'HandOff', 'HandOnPut', 'HandOnDelete', 'Meet'] as const;
const never = () => new Promise<never>(() => {});

/** An address where nobody listens. */
async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${port}`;
}

/** A process that accepts connections and then says nothing, like one that is stopped. */
async function silentAddress(sockets: Socket[] = []): Promise<string> {
  const server = createServer(socket => sockets.push(socket)).listen(0, '127.0.0.1');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}

/** Another address of the same peer, where the connections that come can be looked at. */
async function addressBefore(peer: string, sockets: Socket[]): Promise<string> {
  const port = Number(peer.split(':')[1]);
  const server = createServer(socket => {
    sockets.push(socket);
    pipeline(socket, connect(port, '127.0.0.1'), socket, () => {});
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}

describe('is not sent', () => {
  test('when nobody listens there, and the node is told', async () => {
    const address = await freeAddress();
    const { remotes, told } = openRemotes(() => address);
    await expect(remotes.replica(N2).apply(APPLY, callWithin(5000))).rejects.toMatchObject({
      failure: 'not sent',
    });
    expect(told).toEqual([[N2, 'not sent']]);
  });

  test('when what listens there never speaks: the node is told by the hello, not by a client that gives up sooner', async () => {
    const address = await silentAddress();
    const { remotes, told } = openRemotes(() => address);
    await expect(remotes.replica(N2).apply(APPLY, callWithin(100))).rejects.toMatchObject({
      failure: 'not sent',
    });
    expect(told).toEqual([]);
    await expect(remotes.replica(N2).apply(APPLY, callWithin(5000))).rejects.toMatchObject({
      failure: 'not sent',
    });
    expect(told).toEqual([[N2, 'not sent']]);
  });

  test('when a greeting is given up before there was a hello: whether anybody is there is not known', async () => {
    const { remotes } = openRemotes(() => undefined);
    const meeting = remotes.at(await silentAddress());
    const given = meeting.meet(sampleGreeting(), callWithin(100));
    await expect(given).rejects.toMatchObject({ failure: 'lost' });
    const waited = meeting.meet(sampleGreeting(), callWithin(5000));
    await expect(waited).rejects.toMatchObject({ failure: 'not sent' });
  });

  test('when 1 024 calls, or 64 MiB, are under way to that node already (O1)', async () => {
    const peer = await openPeer({ replica: fakeReplica({ apply: never }) });
    const { remotes } = openRemotes(() => peer.address);
    const under = Array.from({ length: 1024 }, () => remotes.replica(N2).apply(APPLY, callWithin(400)));
    const oneMore = remotes.replica(N2).apply(APPLY, callWithin(5000));
    await expect(oneMore).rejects.toMatchObject({
      failure: 'overloaded',
      message: 'too much is under way to it',
    });
    expect(new Set((await Promise.allSettled(under)).map(({ status }) => status))).toEqual(
      new Set(['rejected']),
    );
    const large = { ...APPLY, record: sampleRecord(PLACE, Buffer.alloc(40 * 1024 * 1024)) };
    const alone = remotes.replica(N2).apply(large, callWithin(300));
    await expect(remotes.replica(N2).apply(large, callWithin(5000))).rejects.toMatchObject({
      failure: 'overloaded',
    });
    await expect(alone).rejects.toBeInstanceOf(ReplicaFailed);
  });

  test('when the deadline has passed, the request is cancelled or no address is known: then that says nothing of the peer', async () => {
    const { remotes, told } = openRemotes(() => undefined);
    const replica = remotes.replica(N2);
    await expect(replica.read(READ, callWithin(5000))).rejects.toMatchObject({ failure: 'not sent' });
    const { address } = await openPeer({});
    const near = openRemotes(() => address);
    await expect(near.remotes.replica(N2).read(READ, callWithin(-1))).rejects.toMatchObject({
      failure: 'not sent',
    });
    const cancelled = { ...callWithin(5000), cancelled: true };
    await expect(near.remotes.replica(N2).read(READ, cancelled)).rejects.toMatchObject({
      failure: 'not sent',
    });
    expect([...told, ...near.told]).toEqual([]);
  });
});

describe('is lost', () => {
  test('when the answer does not come in time', async () => {
    const { address } = await openPeer({ replica: fakeReplica({ apply: never }) });
    const { remotes, told } = openRemotes(() => address);
    await expect(remotes.replica(N2).apply(APPLY, callWithin(100))).rejects.toMatchObject({
      failure: 'lost',
    });
    expect(told).toEqual([]);
  });

  test('when the other side goes away while it works on it', async () => {
    const apply = vi.fn(never);
    const door = await openPeer({ replica: fakeReplica({ apply }) });
    const { remotes, told } = openRemotes(() => door.address);
    const applied = remotes.replica(N2).apply(APPLY, callWithin(30_000));
    const outcome = expect(applied).rejects.toMatchObject({ failure: 'lost' });
    await vi.waitUntil(() => apply.mock.calls.length === 1);
    await door.close(0);
    await outcome;
    expect(told).toEqual([[N2, 'lost']]);
  });

  test('when this side closes its connections', async () => {
    const apply = vi.fn(never);
    const { address } = await openPeer({ replica: fakeReplica({ apply }) });
    const { remotes } = openRemotes(() => address);
    const outcome = expect(remotes.replica(N2).apply(APPLY, callWithin(30_000))).rejects.toMatchObject({
      failure: 'lost',
      message: 'this side was closed',
    });
    await vi.waitUntil(() => apply.mock.calls.length === 1);
    remotes.close();
    await outcome;
    await expect(remotes.replica(N2).read(READ, callWithin(5000))).rejects.toMatchObject({
      failure: 'not sent',
    });
  });

  test('when the replica failed in a way nobody foresaw: it answered, but what it did is not known', async () => {
    const { address } = await openPeer({
      replica: fakeReplica({ apply: () => Promise.reject(new TypeError('oh')) }),
    });
    const { remotes, told } = openRemotes(() => address);
    await expect(remotes.replica(N2).apply(APPLY, callWithin(5000))).rejects.toMatchObject({
      failure: 'lost',
    });
    expect(told).toEqual([[N2, 'heard']]);
  });

  test('when the answer makes no sense', async () => {
    const wrong = { ...FOUND, digest: Buffer.alloc(16, 1) };
    const { address } = await openPeer({ replica: fakeReplica({ read: async () => wrong }) });
    const { remotes } = openRemotes(() => address);
    await expect(remotes.replica(N2).read(READ, callWithin(5000))).rejects.toMatchObject({ failure: 'lost' });
  });
});

describe('is refused', () => {
  test('under a stamp that the node does not admit, before anything is done; it has not been heard, for it may be another', async () => {
    const seen: Stamp[] = [];
    const admit = (stamp: Stamp) => {
      seen.push(stamp);
      return 'not owner, my epoch is 2';
    };
    const { address } = await openPeer({ admit });
    const { remotes, told } = openRemotes(() => address);
    const refused = { failure: 'refused', message: 'not owner, my epoch is 2' };
    await expect(remotes.replica(N2).read(READ, callWithin(5000))).rejects.toMatchObject(refused);
    await expect(remotes.replica(N2).apply(APPLY, callWithin(5000))).rejects.toMatchObject(refused);
    expect(seen).toEqual([STAMP, STAMP]);
    expect(told).toEqual([]);
  });

  test('when the door is full', async () => {
    const { address } = await openPeer({ limits: { calls: 0, bytes: 0 } });
    const { remotes } = openRemotes(() => address);
    const full = expect.objectContaining({
      failure: 'overloaded',
      message: expect.stringContaining('OVERLOADED'),
    });
    await expect(remotes.replica(N2).read(READ, callWithin(5000))).rejects.toEqual(full);
  });

  test('when it answers nothing of the kind, as a node of another version', async () => {
    const { address } = await openPeer({});
    const { asked } = rawLink(address);
    const failure = await asked({ method: 99 });
    expect(failure).toMatchObject({ status: status.UNIMPLEMENTED, metadata: { outcome: 'not applied' } });
  });

  test.each(METHODS)('when a %s is empty, no stamp, no greeting, and when it is malformed', async name => {
    const { address } = await openPeer({});
    const { asked } = rawLink(address);
    const { number: method } = peerProtocol(protos.messages)[name];
    const malformed = { message: 'the message is malformed' };
    expect(await asked({ method })).toMatchObject({
      ...malformed,
      metadata: { 'replica-failure': 'refused' },
    });
    expect(await asked({ method, body: Buffer.from([0x0a, 0xff]) })).toMatchObject({
      ...malformed,
      status: status.INVALID_ARGUMENT,
    });
  });
});

test('a peer that is back is reached again, by itself and after a kick', async () => {
  const replica = fakeReplica({ read: async () => FOUND });
  const first = await openPeer({ replica });
  const { remotes, told } = openRemotes(() => first.address);
  await remotes.replica(N2).read(READ, callWithin(5000));
  await first.close(0);
  await expect(remotes.replica(N2).read(READ, callWithin(5000))).rejects.toBeInstanceOf(ReplicaFailed);
  await openPeer({ replica, address: first.address });
  remotes.kick(N2);
  await expect(remotes.replica(N2).read(READ, callWithin(5000))).resolves.toEqual(FOUND);
  expect(told.at(-1)).toEqual([N2, 'heard']);
});

test('a kick leaves alone what is under way', async () => {
  const found = withResolvers<typeof FOUND>();
  const read = vi.fn(() => found.promise);
  const { address } = await openPeer({ replica: fakeReplica({ read }) });
  const { remotes } = openRemotes(() => address);
  const reply = remotes.replica(N2).read(READ, callWithin(30_000));
  await vi.waitUntil(() => read.mock.calls.length === 1);
  remotes.kick(N2);
  found.resolve(FOUND);
  await expect(reply).resolves.toEqual(FOUND);
});

test('a kick brings a fresh connection, also while a call still waits for the old one', async () => {
  const sockets: Socket[] = [];
  const address = await silentAddress(sockets);
  const { remotes } = openRemotes(() => address);
  const old = remotes.replica(N2).read(READ, callWithin(30_000));
  const outcome = expect(old).rejects.toMatchObject({ failure: 'not sent' });
  await vi.waitUntil(() => sockets.length === 1);
  remotes.kick(N2);
  const fresh = remotes.replica(N2).read(READ, callWithin(100));
  await expect(fresh).rejects.toMatchObject({ failure: 'not sent' });
  expect(sockets).toHaveLength(2);
  for (const socket of sockets) socket.destroy();
  await outcome;
});

test('a peer that has moved is found at its new address', async () => {
  const [old, now] = [
    await openPeer({}),
    await openPeer({ replica: fakeReplica({ read: async () => FOUND }) }),
  ];
  let address = old.address;
  const replica = openRemotes(() => address).remotes.replica(N2);
  await expect(replica.read(READ, callWithin(5000))).rejects.toBeInstanceOf(ReplicaFailed);
  address = now.address;
  await expect(replica.read(READ, callWithin(5000))).resolves.toEqual(FOUND);
});

test('two nodes meet by address alone, and each gets all the other knows', async () => {
  const theirs = { ...sampleGreeting(), expect: undefined, incarnation: undefined };
  const heard = withResolvers<unknown>();
  const meet = async (greeting: unknown) => {
    heard.resolve(greeting);
    return theirs;
  };
  const { address } = await openPeer({ meeting: { meet } });
  const { remotes } = openRemotes(() => undefined);
  expect(await remotes.at(address).meet(sampleGreeting(), callWithin(5000))).toEqual(theirs);
  expect(await heard.promise).toEqual(sampleGreeting());
  const nobody = remotes.at(await freeAddress()).meet(sampleGreeting(), callWithin(5000));
  await expect(nobody).rejects.toMatchObject({ failure: 'not sent' });
});

test('however many addresses are greeted, only so many connections stay: the one unused for longest is closed', async () => {
  const heard: Socket[][] = [[], [], []];
  const { address } = await openPeer({ meeting: { meet: async () => sampleGreeting() } });
  const addresses = await Promise.all(heard.map(sockets => addressBefore(address, sockets)));
  const { remotes } = openRemotes(() => undefined, { channelsMax: 2 });
  const greet = (i: number) => remotes.at(addresses[i]!).meet(sampleGreeting(), callWithin(5000));
  for (const i of [0, 1, 0, 2]) await greet(i);
  const [kept, closed, last] = heard.map(([socket]) => socket!);
  if (!closed!.destroyed) await once(closed!, 'close');
  expect([kept!.destroyed, last!.destroyed]).toEqual([false, false]);
  await greet(1);
  expect(heard.map(sockets => sockets.length)).toEqual([1, 2, 1]);
});
