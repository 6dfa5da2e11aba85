/**
 * The words by which src/wire/never-left.ts tells what never left this process, held against the grpc-js in
 * use: whoever updates it learns here that they have changed. (Nobody listening, a silent peer and cut calls:
 * remotes.test.ts.)
 */
import { Client, credentials } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import { neverLeft } from '../../src/wire/never-left.ts';
import { ask, failureOf, protos } from '../support/grpc.ts';
import { fakeRequests, openDoor } from './support.ts';

const { Put } = protos.kv;
const PUT = { bucket: 'b', key: 'k', value: { text: 'v' } };

function clientOf(address: string, options = {}): Client {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.enable_retries': 0, ...options });
  onTestFinished(() => client.close());
  return client;
}

async function isNeverLeft(
  client: Client,
  method = Put,
): Promise<{ readonly said: string; readonly never: boolean }> {
  const { code, details } = await failureOf(ask(client, { method, message: PUT, withinMs: 2000 }).reply);
  return { said: details, never: neverLeft({ code, message: details }) };
}

test('a name without an address', async () => {
  expect(await isNeverLeft(clientOf('nobody.invalid:1'))).toMatchObject({ never: true });
});

test('a channel closed while the call waits for it', async () => {
  const client = clientOf('127.0.0.1:1');
  const failure = isNeverLeft(client);
  client.close();
  expect(await failure).toMatchObject({ never: true });
});

test('a message that cannot be encoded', async () => {
  const { address } = await openDoor({});
  const broken = {
    ...Put,
    requestSerialize: () => {
      throw new RangeError('no');
    },
  };
  expect(await isNeverLeft(clientOf(address), broken)).toMatchObject({ never: true });
});

test('a message above what this side may send', async () => {
  const { address } = await openDoor({});
  expect(await isNeverLeft(clientOf(address, { 'grpc.max_send_message_length': 5 }))).toMatchObject({
    never: true,
  });
});

test('but not a message above what the other side may receive: it has arrived, for all this side can tell', async () => {
  const { address } = await openDoor({});
  const large = { ...Put, requestSerialize: () => Buffer.alloc(17 * 1024 * 1024) };
  expect(await isNeverLeft(clientOf(address), large)).toMatchObject({ never: false });
});

test('and not a call that ran and failed', async () => {
  const put = () => Promise.reject(new Error('No connection established'));
  const { address } = await openDoor({ requests: fakeRequests({ put }) });
  expect(await isNeverLeft(clientOf(address))).toMatchObject({ never: false });
});
