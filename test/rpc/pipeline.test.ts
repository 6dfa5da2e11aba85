/** Many operations over one stream: each answered for itself, as a call of its own would be. */
import { Buffer } from 'node:buffer';
import { status } from '@grpc/grpc-js';
import { describe, expect, test, vi } from 'vitest';
import { AssertionFailed } from '../../src/base/assert.ts';
import { ShoalError } from '../../src/base/errors.ts';
import type { Call } from '../../src/ports/call.ts';
import type { GetRequest, PutRequest } from '../../src/ports/requests.ts';
import { systemClock } from '../../src/system/clock.ts';
import { ask, plainClient, protos, withResolvers } from '../support/grpc.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { rawPipeline, soon } from './stream-support.ts';
import { fakeRequests, noOverview, openDoor, REPLICAS, WRITTEN } from './support.ts';

const GET = { bucket: 'carts', key: 'ann' };
const PUT = { ...GET, value: { text: 'bread' } };
const FOUND = { siblings: [], context: Buffer.from('seen'), replicas: REPLICAS };
const UNDER_WAY_MAX = 1024;
/** A door that begins all there is at once; its time stands still, so that nothing has waited. */
const wideOpen = () => ({
  clock: new VirtualClock(),
  limits: { calls: 10_000, bytes: 2 ** 30, begun: { first: 10_000, min: 10_000, max: 10_000 } },
});

async function openPipeline(requests: Parameters<typeof fakeRequests>[0]) {
  const door = await openDoor({ requests: fakeRequests(requests) });
  return { door, pipeline: rawPipeline(door.address) };
}

describe('an operation', () => {
  test('is answered under its id, be it a get, a put or a delete, several of them in one frame', async () => {
    const get = vi.fn(async () => ({
      ...FOUND,
      siblings: [{ value: Buffer.from('\u0001milk'), writtenAtMs: 5 }],
    }));
    const put = vi.fn(async () => WRITTEN);
    const remove = vi.fn(async () => WRITTEN);
    const { pipeline } = await openPipeline({ get, put, delete: remove });
    pipeline.send(
      { id: 7, get: { ...GET, r: 2, strict: true } },
      { id: 3, put: PUT },
      { id: 9, delete: { ...GET, w: 3 } },
    );
    expect((await pipeline.result(7)).get?.siblings).toMatchObject([{ value: { text: 'milk' } }]);
    expect((await pipeline.result(3)).put?.replicas).toEqual(REPLICAS);
    expect((await pipeline.result(9)).delete?.context).toEqual(Buffer.from('seen'));
    expect(get).toHaveBeenCalledExactlyOnceWith({ ...GET, r: 2, strict: true }, expect.anything());
    expect(put).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ value: Buffer.from('\u0001bread') }),
      expect.anything(),
    );
    expect(remove).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ w: 3 }), expect.anything());
  });

  test('brings the epoch of the ring with its answer', async () => {
    const overview = { ...noOverview, epoch: 12 };
    const { address } = await openDoor({ overview, requests: fakeRequests({ get: async () => FOUND }) });
    const pipeline = rawPipeline(address);
    pipeline.send({ id: 1, get: GET });
    await pipeline.result(1);
    expect(pipeline.frames.map(frame => protos.kv.Pipeline.responseDeserialize(frame).epoch)).toEqual([12]);
  });

  test('may use the id of one that is answered', async () => {
    const { pipeline } = await openPipeline({ get: async () => FOUND });
    for (let times = 1; times <= 3; times++) {
      pipeline.send({ id: 5, get: GET });
      await soon(() => pipeline.results.length === times);
    }
    expect(pipeline.results.map(({ id, outcome }) => [id, outcome])).toEqual(Array(3).fill([5, 'get']));
  });

  test('is answered also when its client sends no more, and then the stream ends in good order', async () => {
    const found = withResolvers<typeof FOUND>();
    const get = vi.fn(() => found.promise);
    const { pipeline } = await openPipeline({ get });
    pipeline.send({ id: 1, get: GET });
    pipeline.stream.end();
    await soon(() => get.mock.calls.length === 1);
    found.resolve(FOUND);
    expect((await pipeline.ended).code).toBe(status.OK);
    expect(pipeline.results).toMatchObject([{ id: 1, outcome: 'get' }]);
  });
});

describe('a failure is told in-band, and the stream goes on:', () => {
  const unknown = new ShoalError('OUTCOME_UNKNOWN', 'one of two acked', {
    outcome: 'unknown',
    facts: { required: '2', acked: '1' },
  });

  test.each([
    [
      'of the message',
      { id: 1, put: GET },
      { status: 3, reason: 'BAD_VALUE', metadata: { outcome: 'not applied' } },
    ],
    [
      'of the coordinator, with its facts',
      { id: 1, put: PUT },
      {
        status: 4,
        reason: 'OUTCOME_UNKNOWN',
        message: unknown.message,
        metadata: { outcome: 'unknown', ...unknown.facts },
      },
    ],
    ['of nothing to do', { id: 1 }, { status: 12, metadata: { outcome: 'not applied' } }],
  ])('%s', async (_, op, failure) => {
    const { pipeline } = await openPipeline({ get: async () => FOUND, put: () => Promise.reject(unknown) });
    pipeline.send(op, { id: 2, get: GET });
    expect((await pipeline.result(1)).failure).toMatchObject(failure);
    expect((await pipeline.result(2)).outcome).toBe('get');
  });

  test('of bytes that are no message of the kind', async () => {
    const { pipeline } = await openPipeline({ get: async () => FOUND });
    const { pipelineRequest, getRequest } = protos.messages;
    const ops = [
      { id: 1, get: Buffer.from([0x0a, 0xff]) },
      { id: 2, get: getRequest.encode(GET) },
    ];
    pipeline.stream.write(pipelineRequest.encode({ ops }));
    expect((await pipeline.result(1)).failure).toMatchObject({
      status: status.INVALID_ARGUMENT,
      metadata: { outcome: 'not applied' },
    });
    expect((await pipeline.result(2)).outcome).toBe('get');
  });

  test('of overload, with the time to stay away', async () => {
    const put = vi.fn(async () => WRITTEN);
    const { address } = await openDoor({ requests: fakeRequests({ put }), limits: { calls: 0, bytes: 0 } });
    const pipeline = rawPipeline(address);
    pipeline.send({ id: 1, put: PUT });
    expect((await pipeline.result(1)).failure).toMatchObject({
      status: status.RESOURCE_EXHAUSTED,
      reason: 'OVERLOADED',
      metadata: { outcome: 'not applied', 'retry-pushback-ms': '50' },
    });
    expect(put).not.toHaveBeenCalled();
  });

  test('of a defect, which is logged, or reported when an assertion found it', async () => {
    const bug = new AssertionFailed('a node counts once');
    const put = vi.fn().mockRejectedValueOnce(new TypeError('oh')).mockRejectedValueOnce(bug);
    const { door, pipeline } = await openPipeline({ put });
    pipeline.send({ id: 1, put: PUT });
    await pipeline.result(1);
    pipeline.send({ id: 2, put: PUT });
    for (const id of [1, 2])
      expect((await pipeline.result(id)).failure).toMatchObject({
        reason: 'INTERNAL',
        metadata: { outcome: 'unknown' },
      });
    expect([door.log.errors.length, door.bugs]).toEqual([2, [bug]]);
  });
});

describe('time', () => {
  async function callOf(budgetMs?: number): Promise<{ call: Call; beganAt: number }> {
    const arrived = withResolvers<Call>();
    const get = async (_: GetRequest, call: Call) => {
      arrived.resolve(call);
      return FOUND;
    };
    const { pipeline } = await openPipeline({ get });
    const beganAt = systemClock.now();
    pipeline.send({ id: 1, get: GET, ...(budgetMs !== undefined && { budgetMs }) });
    return { call: await arrived.promise, beganAt };
  }

  test.each([
    ['none given', undefined],
    ['0', 0],
  ])('a budget of %s is one of ten seconds', async (_, budgetMs) => {
    const { call, beganAt } = await callOf(budgetMs);
    expect(call.deadline).toBeGreaterThan(beganAt + 9900);
    expect(call.deadline).toBeLessThan(systemClock.now() + 10_001);
  });

  test('a budget is kept, less what the way of the answer takes', async () => {
    const { call, beganAt } = await callOf(20_000);
    expect(call.deadline).toBeLessThan(systemClock.now() + 19_960);
    expect(call.deadline).toBeGreaterThanOrEqual(beganAt + 19_950);
  });

  test('a budget of hours is one of a minute', async () => {
    const { call } = await callOf(2 ** 32 - 1);
    expect(call.deadline).toBeLessThan(systemClock.now() + 60_001);
  });
});

describe('an operation that is cancelled', () => {
  test('is marked so, has no result, and leaves its id free', async () => {
    const calls: Call[] = [];
    const late = withResolvers<typeof FOUND>();
    const get = async (_: GetRequest, call: Call) => {
      calls.push(call);
      return calls.length === 1 ? await late.promise : FOUND;
    };
    const { pipeline } = await openPipeline({ get });
    pipeline.send({ id: 1, get: GET });
    await soon(() => calls.length === 1);
    pipeline.send({ id: 1, cancel: true });
    await soon(() => calls[0]?.cancelled);
    late.resolve(FOUND);
    pipeline.send({ id: 2, get: GET }, { id: 1, get: GET });
    await soon(() => pipeline.results.length === 2);
    expect(pipeline.results.map(({ id }) => id).toSorted()).toEqual([1, 2]);
    expect(calls.map(({ cancelled }) => cancelled)).toEqual([true, false, false]);
  });

  test('was cancelled too late, or never asked: that is nothing', async () => {
    const { pipeline } = await openPipeline({ get: async () => FOUND });
    pipeline.send({ id: 4, cancel: true }, { id: 5, get: GET });
    await pipeline.result(5);
    pipeline.send({ id: 5, cancel: true }, { id: 6, get: GET });
    expect((await pipeline.result(6)).outcome).toBe('get');
  });

  test('is cancelled with its stream', async () => {
    const calls: Call[] = [];
    const put = (_: PutRequest, call: Call) => {
      calls.push(call);
      return new Promise<never>(() => {});
    };
    const { pipeline } = await openPipeline({ put });
    pipeline.send({ id: 1, put: PUT }, { id: 2, put: PUT });
    await soon(() => calls.length === 2);
    pipeline.stream.cancel();
    await soon(() => calls.every(({ cancelled }) => cancelled));
  });
});

describe('many at once', () => {
  test('are answered in whatever order they are done, in few frames', async () => {
    const waiting: (() => void)[] = [];
    const get = ({ key }: GetRequest) =>
      new Promise<typeof FOUND>(resolve =>
        waiting.push(() => resolve({ ...FOUND, context: Buffer.from(key) })),
      );
    const { address } = await openDoor({ requests: fakeRequests({ get }), ...wideOpen() });
    const pipeline = rawPipeline(address);
    const ids = Array.from({ length: 1000 }, (_, i) => i + 1);
    pipeline.send(...ids.map(id => ({ id, get: { bucket: 'b', key: `k${id}` } })));
    await soon(() => waiting.length === ids.length);
    for (const done of waiting.toReversed()) done();
    await soon(() => pipeline.results.length === ids.length);
    expect(pipeline.results.map(({ id }) => id)).toEqual(ids.toReversed());
    expect(pipeline.results.every(({ id, get: found }) => found?.context.toString() === `k${id}`)).toBe(true);
    expect(pipeline.frames.length).toBeLessThan(ids.length / 10);
  });

  test('beyond 1 024 under way are refused one by one, those under way are not harmed', async () => {
    const done = withResolvers<typeof FOUND>();
    const { address } = await openDoor({
      requests: fakeRequests({ get: () => done.promise }),
      ...wideOpen(),
    });
    const pipeline = rawPipeline(address);
    const ops = Array.from({ length: UNDER_WAY_MAX + 100 }, (_, i) => ({ id: i + 1, get: GET }));
    pipeline.send(...ops);
    await soon(() => pipeline.results.length === 100);
    for (const { id, failure } of pipeline.results) {
      expect(id).toBeGreaterThan(UNDER_WAY_MAX);
      expect(failure).toMatchObject({ reason: 'OVERLOADED', metadata: { outcome: 'not applied' } });
    }
    done.resolve(FOUND);
    await soon(() => pipeline.results.length === ops.length);
    expect(pipeline.results.filter(({ outcome }) => outcome === 'get')).toHaveLength(UNDER_WAY_MAX);
  });

  test('go side by side with unary calls of the same client', async () => {
    const { door, pipeline } = await openPipeline({ get: async () => FOUND, put: async () => WRITTEN });
    const client = plainClient(door.address);
    const unary: Promise<unknown>[] = [];
    for (let id = 1; id <= 50; id++) {
      pipeline.send({ id, get: GET });
      unary.push(ask(client, { method: protos.kv.Put, message: PUT, withinMs: 10_000 }).reply);
    }
    expect(await Promise.all(unary)).toHaveLength(50);
    await soon(() => pipeline.results.length === 50);
    expect(pipeline.results.every(({ outcome }) => outcome === 'get')).toBe(true);
  });

  test('bring results larger than a frame is meant to be', async () => {
    const sibling = { value: Buffer.alloc(1024 * 1024), writtenAtMs: 1 };
    const get = async () => ({ ...FOUND, siblings: Array.from({ length: 3 }, () => sibling) });
    const { pipeline } = await openPipeline({ get });
    pipeline.send({ id: 1, get: GET }, { id: 2, get: GET }, { id: 3, get: GET });
    await soon(() => pipeline.results.length === 3);
    expect(pipeline.results.map(({ get: found }) => found?.siblings.length)).toEqual([3, 3, 3]);
  });
});
