/**
 * Whatever a client sends on a stream, or does not read of it: its stream ends with a reason, what the door
 * holds is bounded, others are served.
 */
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, test, vi } from 'vitest';
import type { Call } from '../../src/ports/call.ts';
import { Counters } from '../../src/system/counters.ts';
import { ask, plainClient, protos, shoalFailureOf, withResolvers } from '../support/grpc.ts';
import { KeptLog } from '../support/quiet.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { openPeer } from './peer-support.ts';
import { rawLink, rawPipeline, rawStream, soon } from './stream-support.ts';
import { fakeRequests, openDoor, REPLICAS, WRITTEN } from './support.ts';

const { Put, Pipeline } = protos.kv;
const GET = { bucket: 'b', key: 'k' };
const PUT = { ...GET, value: { text: 'v' } };
const FOUND = { siblings: [], context: Buffer.alloc(0), replicas: REPLICAS };
const MIB = 1024 * 1024;
const STREAMS_PER_CONNECTION_MAX = 16;

const frameOf = (...ops: object[]) => Pipeline.requestSerialize({ ops });

async function othersAreServed(address: string): Promise<void> {
  const reply = ask(plainClient(address), { method: Put, message: PUT, withinMs: 10_000 }).reply;
  await expect(reply).resolves.toMatchObject({ context: WRITTEN.context });
  const other = rawPipeline(address);
  other.send({ id: 1, put: PUT });
  expect((await other.result(1)).outcome).toBe('put');
}

/** A get never ends here, so that what is asked stays under way. */
const openDoorOf = () =>
  openDoor({ requests: fakeRequests({ get: () => new Promise(() => {}), put: async () => WRITTEN }) });

describe('a pipeline ends', () => {
  test.each([
    ['a frame of random bytes', Buffer.from([0xff, 0x07, 0x42]), /is no frame/],
    ['half a frame', frameOf({ id: 1, get: GET }).subarray(0, 5), /is no frame/],
    [
      'the id of one that is under way',
      frameOf({ id: 1, get: GET }, { id: 1, get: GET }),
      /1 is under way already/,
    ],
    ['the id 0', frameOf({ get: GET }), /0 is no id/],
    ['an id beyond 2^53', frameOf({ id: '9007199254740993', get: GET }), /is no id/],
    ['an id of 2^64 - 1', frameOf({ id: '18446744073709551615', get: GET }), /is no id/],
  ])('for %s, and says why; another goes on', async (_, frame, why) => {
    const { address } = await openDoorOf();
    const pipeline = rawStream(address, Pipeline.path);
    pipeline.stream.write(frame);
    expect(await pipeline.ended).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringMatching(why),
    });
    await othersAreServed(address);
  });

  test('for a frame above 16 MiB, which is not taken in', async () => {
    const { address } = await openDoorOf();
    const pipeline = rawStream(address, Pipeline.path);
    pipeline.stream.write(frameOf({ id: 1, put: { ...GET, value: { bytes: Buffer.alloc(17 * MIB) } } }));
    expect((await pipeline.ended).code).toBe(status.RESOURCE_EXHAUSTED);
    await othersAreServed(address);
  });

  test('but not for fields that nobody knows, nor for an empty frame', async () => {
    const { address } = await openDoorOf();
    const pipeline = rawPipeline(address);
    pipeline.stream.write(Buffer.alloc(0));
    pipeline.stream.write(Buffer.concat([frameOf({ id: 1, put: PUT }), Buffer.from([0x9a, 6, 1, 1])]));
    expect((await pipeline.result(1)).outcome).toBe('put');
  });
});

describe('a stream of the peers ends', () => {
  const { linkRequest } = protos.messages;
  const ask1 = { id: 1, method: 1, budgetMs: 0, body: Buffer.alloc(0), more: false };
  const large = { ...ask1, body: Buffer.alloc(256 * 1024), more: true };

  test.each([
    ['a frame of random bytes', Buffer.from([0xff, 0x07, 0x42]), /is no frame/],
    ['the id 0', linkRequest.encode({ sentAtUs: 0, asks: [{ ...ask1, id: 0 }], cancels: [] }), /0 is no id/],
  ])('for %s', async (_, frame, why) => {
    const [log, metrics] = [new KeptLog(), new Counters()];
    const { address } = await openPeer({ log, metrics });
    const link = rawLink(address);
    link.stream.write(frame);
    expect(await link.ended).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringMatching(why),
    });
    expect(log.lines).toMatchObject([
      { event: 'a link was cut', facts: { status: 3, why: expect.stringMatching(why) } },
    ]);
    expect(metrics.snapshot().get('link.cut')).toBe(1);
  });

  test('for pieces of requests that never become whole', async () => {
    const { address } = await openPeer({});
    const link = rawLink(address);
    let over = false;
    void link.ended.then(() => {
      over = true;
    });
    for (let id = 1; !over && id < 2000; id++) {
      const more = link.stream.write(
        linkRequest.encode({ sentAtUs: 0, asks: [{ ...large, id }], cancels: [] }),
      );
      if (!more) await Promise.race([new Promise(resolve => link.stream.once('drain', resolve)), link.ended]);
    }
    expect(await link.ended).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });

  test('for a frame above what frames have', async () => {
    const { address } = await openPeer({});
    const link = rawLink(address);
    link.stream.write(Buffer.alloc(5 * MIB));
    expect((await link.ended).code).toBe(status.RESOURCE_EXHAUSTED);
  });
});

test('a client that never reads is read from no more, others are served, and after half a minute it is cut off', async () => {
  const clock = new VirtualClock();
  const sibling = { value: Buffer.alloc(MIB), writtenAtMs: 1 };
  const get = vi.fn(async () => ({ ...FOUND, siblings: [sibling] }));
  const hanging = withResolvers<Call>();
  const remove = (_: unknown, call: Call) => {
    hanging.resolve(call);
    return new Promise<never>(() => {});
  };
  const requests = fakeRequests({ get, put: async () => WRITTEN, delete: remove });
  const { address } = await openDoor({ clock, requests });
  const greedy = rawStream(address, Pipeline.path);
  greedy.stream.pause();
  greedy.stream.write(frameOf({ id: 1, budgetMs: 60_000, delete: GET }));
  const asked = 1000;
  for (let id = 2; id <= asked; id++) greedy.stream.write(frameOf({ id, get: GET }));
  const call = await hanging.promise;
  while (!call.cancelled) {
    await othersAreServed(address);
    await clock.pass(1000);
  }
  expect(get.mock.calls.length).toBeLessThan(asked / 4);
  greedy.stream.resume();
  expect((await greedy.ended).code).toBe(status.RESOURCE_EXHAUSTED);
});

test('a connection has only so many streams; those beyond are refused as any call is, others are served', async () => {
  const { address } = await openDoorOf();
  const client = plainClient(address);
  const same = (bytes: Buffer) => bytes;
  const refused: ServiceError[] = [];
  const open = () => client.makeBidiStreamRequest(Pipeline.path, same, same);
  const first = open().on('error', () => {});
  await once(first, 'metadata'); // so that its connection is open, and knows how many it may have
  const streams = Array.from({ length: STREAMS_PER_CONNECTION_MAX + 19 }, () =>
    open().on('error', (error: ServiceError) => refused.push(error)),
  );
  await soon(() => refused.length === 20);
  for (const error of refused) {
    expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(error.metadata.get('grpc-retry-pushback-ms')).toEqual(['50']);
    expect(await shoalFailureOf(Promise.reject(error))).toMatchObject({
      reason: 'OVERLOADED',
      outcome: 'not applied',
    });
  }
  await othersAreServed(address);
  for (const stream of [first, ...streams]) stream.cancel();
  await soon(() => refused.length === streams.length);
  const again = client.makeBidiStreamRequest(Pipeline.path, same, same);
  again.on('error', () => {}).write(frameOf({ id: 1, put: PUT }));
  await once(again, 'data');
  again.cancel();
});
