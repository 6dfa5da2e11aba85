/** What clients may send, and what they are told. */
import { Buffer } from 'node:buffer';
import { status } from '@grpc/grpc-js';
import { describe, expect, test, vi } from 'vitest';
import { AssertionFailed } from '../../src/base/assert.ts';
import { ShoalError } from '../../src/base/errors.ts';
import type { Call } from '../../src/ports/call.ts';
import type { PutRequest } from '../../src/ports/requests.ts';
import { systemClock } from '../../src/system/clock.ts';
import { ask, failureOf, plainClient, protos, shoalFailureOf, withResolvers } from '../support/grpc.ts';
import { fakeRequests, openDoor, REPLICAS, WRITTEN } from './support.ts';

const { Get, Put, Delete } = protos.kv;
const PUT = { bucket: 'carts', key: 'ann', value: { text: 'bread' } };
const MIB = 1024 * 1024;

describe('a request', () => {
  test('reaches the coordinator as it was sent, and its answer the client', async () => {
    const asked: PutRequest[] = [];
    const put = async (request: PutRequest) => {
      asked.push(request);
      return { ...WRITTEN, siblings: [{ value: Buffer.from('\u0001milk'), writtenAtMs: 5 }] };
    };
    const client = plainClient((await openDoor({ requests: fakeRequests({ put }) })).address);
    const reply = await ask(client, { method: Put, message: { ...PUT, w: 2 ** 32 - 1, strict: true } }).reply;
    expect(asked).toMatchObject([
      { bucket: 'carts', key: 'ann', w: 2 ** 32 - 1, strict: true, writeId: undefined },
    ]);
    expect(reply.replicas).toEqual(REPLICAS);
    expect(reply.siblings).toMatchObject([{ value: { text: 'milk' }, writtenAtMs: 5 }]);
    expect(reply.context).toEqual(Buffer.from('seen'));
  });

  test('for an absent key is answered with no siblings', async () => {
    const get = async () => ({ siblings: [], context: Buffer.alloc(0), replicas: REPLICAS });
    const client = plainClient((await openDoor({ requests: fakeRequests({ get }) })).address);
    expect((await ask(client, { method: Get, message: { bucket: 'b', key: 'k' } }).reply).siblings).toEqual(
      [],
    );
  });

  test('may be answered with more than 4 MiB: many siblings of a large value', async () => {
    const sibling = { value: Buffer.alloc(MIB), writtenAtMs: 1 };
    const siblings = Array.from({ length: 20 }, () => sibling);
    const get = async () => ({ siblings, context: Buffer.alloc(0), replicas: REPLICAS });
    const client = plainClient((await openDoor({ requests: fakeRequests({ get }) })).address);
    expect(
      (await ask(client, { method: Get, message: { bucket: 'b', key: 'k' } }).reply).siblings,
    ).toHaveLength(20);
  });

  test('with unknown fields is answered all the same', async () => {
    const client = plainClient(
      (await openDoor({ requests: fakeRequests({ put: async () => WRITTEN }) })).address,
    );
    const newer = {
      ...Put,
      requestSerialize: () => Buffer.concat([Put.requestSerialize(PUT), Buffer.from([0x9a, 6, 1, 1])]),
    };
    await expect(ask(client, { method: newer, message: PUT }).reply).resolves.toMatchObject({
      replicas: REPLICAS,
    });
  });
});

describe('is refused before anything is done:', () => {
  test.each([
    ['no value', { ...PUT, value: null }, 'BAD_VALUE'],
    ['a value of no kind', { ...PUT, value: {} }, 'BAD_VALUE'],
    ['a value one byte too large', { ...PUT, value: { bytes: Buffer.alloc(MIB + 1) } }, 'BAD_VALUE'],
    ['a message of 5 MiB', { ...PUT, value: { bytes: Buffer.alloc(5 * MIB) } }, 'BAD_VALUE'],
    ['a write id of 5 bytes', { ...PUT, writeId: Buffer.alloc(5) }, 'BAD_VALUE'],
    ['a context with overwrite', { ...PUT, context: Buffer.alloc(30), overwrite: true }, 'BAD_CONTEXT'],
  ])('%s', async (_, message, reason) => {
    const { address } = await openDoor({});
    const error = await failureOf(ask(plainClient(address), { method: Put, message }).reply);
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(error.details).toMatch(new RegExp(`^${reason}: .*\\(not applied\\)$`));
    expect(await shoalFailureOf(Promise.reject(error))).toMatchObject({ reason, outcome: 'not applied' });
  });

  test('a message above what any door takes, in the words of gRPC', async () => {
    const { address } = await openDoor({});
    const message = { ...PUT, value: { bytes: Buffer.alloc(17 * MIB) } };
    const error = await failureOf(ask(plainClient(address), { method: Put, message }).reply);
    expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
  });

  test('bytes that are no message', async () => {
    const { address } = await openDoor({});
    const garbage = { ...Put, requestSerialize: () => Buffer.from([0x0a, 0xff, 0xff, 0xff]) };
    const error = await failureOf(ask(plainClient(address), { method: garbage, message: PUT }).reply);
    expect(error.code).toBe(status.INTERNAL);
  });
});

test('an error of the coordinator reaches the client with reason, outcome and facts', async () => {
  const facts = { required: '2', acked: '1' };
  const unknown = new ShoalError('OUTCOME_UNKNOWN', 'one of two acked in time', {
    outcome: 'unknown',
    facts,
  });
  const requests = fakeRequests({ delete: () => Promise.reject(unknown) });
  const client = plainClient((await openDoor({ requests })).address);
  const error = await failureOf(ask(client, { method: Delete, message: PUT }).reply);
  expect([error.code, error.details]).toEqual([status.DEADLINE_EXCEEDED, unknown.message]);
  expect(await shoalFailureOf(Promise.reject(error))).toMatchObject({
    reason: 'OUTCOME_UNKNOWN',
    outcome: 'unknown',
    facts,
  });
});

describe('time', () => {
  async function callOf(withinMs?: number): Promise<{ call: Call; beganAt: number }> {
    const arrived = withResolvers<Call>();
    const put = async (_: PutRequest, call: Call) => {
      arrived.resolve(call);
      return WRITTEN;
    };
    const client = plainClient((await openDoor({ requests: fakeRequests({ put }) })).address);
    const beganAt = systemClock.now();
    await ask(client, { method: Put, message: PUT, ...(withinMs && { withinMs }) }).reply;
    return { call: await arrived.promise, beganAt };
  }

  test('a call without a deadline gets ten seconds', async () => {
    const { call, beganAt } = await callOf();
    expect(call.deadline).toBeGreaterThan(beganAt + 9900);
    expect(call.deadline).toBeLessThan(systemClock.now() + 10_001);
  });

  test('a deadline is kept, less what the way of the answer takes', async () => {
    const { call, beganAt } = await callOf(20_000);
    expect(call.deadline).toBeLessThan(systemClock.now() + 19_960);
    expect(call.deadline - beganAt).toBeGreaterThan(15_000);
  });

  test('a deadline far away is taken for one of a minute', async () => {
    const { call } = await callOf(3_600_000);
    expect(call.deadline).toBeLessThan(systemClock.now() + 60_001);
  });

  test('a call that its client cancels is marked so', async () => {
    const arrived = withResolvers<Call>();
    const done = withResolvers<typeof WRITTEN>();
    const put = (_: PutRequest, call: Call) => {
      arrived.resolve(call);
      return done.promise;
    };
    const client = plainClient((await openDoor({ requests: fakeRequests({ put }) })).address);
    const { call: sent, reply } = ask(client, { method: Put, message: PUT });
    const failure = failureOf(reply);
    const call = await arrived.promise;
    expect(call.cancelled).toBe(false);
    sent.cancel();
    await vi.waitUntil(() => call.cancelled);
    done.resolve(WRITTEN);
    expect((await failure).code).toBe(status.CANCELLED);
  });
});

describe('a defect', () => {
  test('is logged once with its stack, and a write is told that its outcome is unknown; the door stays open', async () => {
    const put = vi
      .fn()
      .mockRejectedValueOnce(new TypeError('x is not a function'))
      .mockResolvedValueOnce(WRITTEN);
    const door = await openDoor({ requests: fakeRequests({ put }) });
    const client = plainClient(door.address);
    const failed = ask(client, { method: Put, message: PUT }).reply;
    expect(await shoalFailureOf(failed)).toMatchObject({ reason: 'INTERNAL', outcome: 'unknown' });
    expect(door.log.errors).toHaveLength(1);
    expect(door.log.errors[0]?.facts).toMatchObject({
      method: 'Put',
      stack: expect.stringContaining('client-door.test.ts'),
    });
    expect(door.bugs).toEqual([]);
    await expect(ask(client, { method: Put, message: PUT }).reply).resolves.toBeDefined();
  });

  test('in a read leaves nothing unknown', async () => {
    const requests = fakeRequests({
      get: () => {
        throw new TypeError('at once');
      },
    });
    const client = plainClient((await openDoor({ requests })).address);
    const failed = ask(client, { method: Get, message: { bucket: 'b', key: 'k' } }).reply;
    expect(await shoalFailureOf(failed)).toMatchObject({ reason: 'INTERNAL', outcome: 'not applied' });
  });

  test('that an assertion found is reported, so that the node stops', async () => {
    const bug = new AssertionFailed('a node counts once');
    const door = await openDoor({ requests: fakeRequests({ put: () => Promise.reject(bug) }) });
    await failureOf(ask(plainClient(door.address), { method: Put, message: PUT }).reply);
    expect(door.bugs).toEqual([bug]);
  });
});

describe('overload', () => {
  test.each([
    ['calls', { calls: 1, bytes: MIB }],
    ['bytes', { calls: 10, bytes: 8 }],
  ])('more %s than the door bears are turned away at once and told when to come again', async (_, limits) => {
    const done = withResolvers<typeof WRITTEN>();
    const put = vi.fn().mockReturnValueOnce(done.promise).mockResolvedValue(WRITTEN);
    const door = await openDoor({ requests: fakeRequests({ put }), limits });
    const client = plainClient(door.address);
    const first = ask(client, { method: Put, message: PUT }).reply;
    await vi.waitUntil(() => put.mock.calls.length === 1);
    const error = await failureOf(ask(client, { method: Put, message: PUT }).reply);
    expect([error.code, ...error.metadata.get('grpc-retry-pushback-ms')]).toEqual([
      status.RESOURCE_EXHAUSTED,
      '50',
    ]);
    expect(await shoalFailureOf(Promise.reject(error))).toMatchObject({
      reason: 'OVERLOADED',
      outcome: 'not applied',
    });
    done.resolve(WRITTEN);
    await first;
    await expect(ask(client, { method: Put, message: PUT }).reply).resolves.toBeDefined();
  });
});
