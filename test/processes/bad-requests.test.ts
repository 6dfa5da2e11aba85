/**
 * What no client should send, sent to real nodes: refused with a typed reason, nothing applied, and the node
 * goes on.
 */
import { Buffer } from 'node:buffer';
import { Client, credentials } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import { clusterId } from '../../src/base/ids.ts';
import { encodeContext } from '../../src/core/record/context.ts';
import { placeKey } from '../../src/core/ring/placement.ts';
import { loadProtos } from '../../src/wire/protos.ts';
import { type Calls, textsOf } from './support/calls.ts';
import { sharedCluster } from './support/live-cluster.ts';

const { kv } = loadProtos();
const cluster = sharedCluster();

const KEY = { bucket: 'b', key: 'k' };
const VALUE = { value: { text: 'v' } };
const MIB = 1024 * 1024;

type Ask = (calls: Calls) => Promise<unknown>;

const REFUSED: readonly (readonly [situation: string, reason: string, ask: Ask])[] = [
  ['an empty bucket', 'BAD_KEY', calls => calls.put({ ...KEY, ...VALUE, bucket: '' })],
  ['an empty key', 'BAD_KEY', calls => calls.get({ ...KEY, key: '' })],
  ['a bucket of 256 bytes', 'BAD_KEY', calls => calls.get({ ...KEY, bucket: 'é'.repeat(128) })],
  ['a key of 1025 bytes', 'BAD_KEY', calls => calls.delete({ ...KEY, key: 'k'.repeat(1025) })],
  ['a name that was not UTF-8', 'BAD_KEY', calls => calls.put({ ...KEY, ...VALUE, key: 'a\uFFFD' })],
  ['a NUL in a name', 'BAD_KEY', calls => calls.put({ ...KEY, ...VALUE, key: 'a\0b' })],
  ['no value', 'BAD_VALUE', calls => calls.put(KEY)],
  [
    'a value of 1 MiB and a byte',
    'BAD_VALUE',
    calls => calls.put({ ...KEY, value: { bytes: Buffer.alloc(MIB + 1) } }),
  ],
  [
    'a message of 5 MiB',
    'BAD_VALUE',
    calls => calls.put({ ...KEY, value: { bytes: Buffer.alloc(5 * MIB) } }),
  ],
  ['r of n + 1', 'BAD_QUORUM', calls => calls.get({ ...KEY, r: 4 })],
  ['w of n + 1', 'BAD_QUORUM', calls => calls.put({ ...KEY, ...VALUE, w: 4 })],
  ['r of 2^32 - 1', 'BAD_QUORUM', calls => calls.get({ ...KEY, r: 2 ** 32 - 1 })],
  ['w of 2^32 - 1', 'BAD_QUORUM', calls => calls.delete({ ...KEY, w: 2 ** 32 - 1 })],
  [
    'a context of random bytes',
    'BAD_CONTEXT',
    calls => calls.put({ ...KEY, ...VALUE, context: Buffer.alloc(40, 0xa5) }),
  ],
  ['a context of one byte', 'BAD_CONTEXT', calls => calls.delete({ ...KEY, context: Buffer.of(1) })],
];

test.each(REFUSED)('%s: %s', async (_, reason, ask) => {
  for (const { calls } of cluster().nodes) {
    await expect(ask(calls)).rejects.toMatchObject({ reason, outcome: 'not applied' });
  }
  expect(textsOf(await cluster().calls('n1').get(KEY))).toEqual([]);
});

test('a context that is cut short, of another key or of another cluster is refused, and what is there stays', async () => {
  const { calls } = cluster().node('n2');
  const { context } = await calls.put({ ...KEY, ...VALUE, key: 'kept' });
  const refused = { reason: 'BAD_CONTEXT', outcome: 'not applied' };
  for (const length of context.keys()) {
    const truncated = { ...KEY, ...VALUE, key: 'kept', context: context.subarray(0, length) };
    if (length > 0) await expect(calls.put(truncated)).rejects.toMatchObject(refused);
  }
  await expect(calls.put({ ...KEY, ...VALUE, key: 'other', context })).rejects.toMatchObject(refused);
  const place = placeKey({ bucket: 'b', key: 'kept' });
  const foreign = encodeContext(
    { vector: [], writes: [] },
    { cluster: clusterId('00112233aabbccdd'), place },
  );
  await expect(calls.delete({ ...KEY, key: 'kept', context: Buffer.from(foreign) })).rejects.toMatchObject(
    refused,
  );
  expect(textsOf(await calls.get({ ...KEY, key: 'kept' }))).toEqual(['v']);
});

test('the largest names and value are taken and come back through every node', async () => {
  const largest = { bucket: 'b'.repeat(255), key: 'k'.repeat(1024) };
  const bytes = Buffer.alloc(MIB, 7);
  await cluster()
    .calls('n1')
    .put({ ...largest, value: { bytes } });
  for (const { calls } of cluster().nodes) {
    const { siblings } = await calls.get(largest);
    expect(siblings.map(({ value }) => value?.bytes?.equals(bytes))).toEqual([true]);
  }
});

test('fields that nobody knows are passed over, and a call without a deadline is answered', async () => {
  const client = new Client(cluster().node('n3').spec.listen, credentials.createInsecure());
  onTestFinished(() => client.close());
  const put = kv.Put.requestSerialize({ ...KEY, ...VALUE, key: 'newer' });
  const unknown = Buffer.from([0xfa, 0x3f, 3, 1, 2, 3]); // field 1023: three bytes
  const reply = await new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      kv.Put.path,
      (bytes: Buffer) => bytes,
      kv.Put.responseDeserialize,
      Buffer.concat([put, unknown]),
      (error, answer) => (error ? reject(error) : resolve(answer)),
    );
  });
  expect(reply).toMatchObject({ siblings: [] });
  expect(
    textsOf(
      await cluster()
        .calls('n1')
        .get({ ...KEY, key: 'newer' }),
    ),
  ).toEqual(['v']);
});
