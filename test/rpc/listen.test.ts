/** Ports: found, used, and left in order. */

import { once } from 'node:events';
import { createServer } from 'node:net';
import { status } from '@grpc/grpc-js';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ask, failureOf, plainClient, protos, shoalFailureOf, withResolvers } from '../support/grpc.ts';
import { fakeRequests, openDoor, WRITTEN } from './support.ts';

const { Put } = protos.kv;
const PUT = { bucket: 'b', key: 'k', value: { text: 'v' } };

test('port 0 is any free port, told as bound', async () => {
  const [one, other] = [await openDoor({}), await openDoor({})];
  expect(one.address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
  expect(other.address).not.toBe(one.address);
});

test('a port that is used is an error that says what to do', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void holder.close());
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  await expect(openDoor({ address: `127.0.0.1:${port}` })).rejects.toMatchObject({
    name: 'StartUpError',
    message: `address 127.0.0.1:${port} is in use: stop the process that listens there, or choose another with --listen`,
  });
});

test.each([
  ['127.0.0.1', '127.0.0.1 is not an address: give --listen as host:port'],
  ['', ' is not an address: give --listen as host:port'],
  ['192.0.2.1:0', 'cannot listen on 192.0.2.1:0 (EADDRNOTAVAIL): choose another address with --listen'],
])('the address %j is an error that says what to do', async (address, message) => {
  await expect(openDoor({ address })).rejects.toMatchObject({ name: 'StartUpError', message });
});

test('closing lets what is under way finish', async () => {
  const done = withResolvers<typeof WRITTEN>();
  const put = vi.fn().mockReturnValueOnce(done.promise);
  const door = await openDoor({ requests: fakeRequests({ put }) });
  const client = plainClient(door.address);
  const reply = ask(client, { method: Put, message: PUT }).reply;
  await vi.waitUntil(() => put.mock.calls.length === 1);
  const closed = door.close(60_000);
  done.resolve(WRITTEN);
  await expect(reply).resolves.toBeDefined();
  await closed;
  const late = await failureOf(ask(client, { method: Put, message: PUT }).reply);
  expect(late.code).toBe(status.UNAVAILABLE);
  expect(await shoalFailureOf(Promise.reject(late))).toMatchObject({
    reason: 'UNREACHABLE',
    outcome: 'not applied',
  });
});

test('closing cuts off what does not finish in time, and its outcome is unknown', async () => {
  const put = vi.fn().mockReturnValue(new Promise(() => {}));
  const door = await openDoor({ requests: fakeRequests({ put }) });
  const failure = shoalFailureOf(ask(plainClient(door.address), { method: Put, message: PUT }).reply);
  await vi.waitUntil(() => put.mock.calls.length === 1);
  await door.close(1);
  expect(await failure).toMatchObject({ reason: 'OUTCOME_UNKNOWN', outcome: 'unknown' });
});
