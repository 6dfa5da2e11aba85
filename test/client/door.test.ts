/**
 * The SDK and the real client door of a node, over fakes behind it: that both mean the same by the same
 * bytes.
 */
import { expect, onTestFinished, test } from 'vitest';
import { ShoalError } from '../../src/base/errors.ts';
import { type Bucket, connect } from '../../src/client/index.ts';
import type { PutRequest, Requests } from '../../src/ports/requests.ts';
import { fakeRequests, openDoor, REPLICAS, WRITTEN } from '../rpc/support.ts';

async function bucketOver(requests: Partial<Requests>): Promise<Bucket> {
  const door = await openDoor({ requests: fakeRequests(requests) });
  const client = connect(door.address);
  onTestFinished(() => client.close());
  return client.bucket('carts');
}

test.each(['Grüße', Uint8Array.of(0, 255)])(
  'a value comes back through the door as it went in: %s',
  async value => {
    const heard: PutRequest[] = [];
    const bucket = await bucketOver({
      put: async request => {
        heard.push(request);
        return WRITTEN;
      },
      get: async () => ({
        siblings: [{ value: heard[0]!.value, writtenAtMs: 1000 }],
        context: Buffer.from('seen'),
        replicas: REPLICAS,
      }),
    });
    await bucket.put('ann', value);
    const entry = await bucket.get('ann');
    expect(entry.value).toEqual(value);
    expect(entry.siblings[0]!.writtenAt).toEqual(new Date(1000));
    await bucket.put('ann', value, { after: entry, w: 3 });
    expect(heard).toMatchObject([
      { overwrite: true, w: 0, context: Buffer.alloc(0) },
      { overwrite: false, w: 3, context: Buffer.from('seen') },
    ]);
  },
);

test('a refusal comes through with its reason, outcome and facts', async () => {
  const facts = { siblings: '101' };
  const bucket = await bucketOver({
    put: () => Promise.reject(new ShoalError('TOO_MANY_SIBLINGS', '101 siblings', { facts })),
  });
  await expect(bucket.put('ann', 'eggs')).rejects.toMatchObject({
    name: 'ShoalError',
    reason: 'TOO_MANY_SIBLINGS',
    outcome: 'not applied',
    detail: '101 siblings',
    facts,
  });
});

test('a write turned away for overload is tried again under the same id', async () => {
  const ids: unknown[] = [];
  const bucket = await bucketOver({
    put: async ({ writeId }) => {
      ids.push(writeId);
      if (ids.length === 1) throw new ShoalError('OVERLOADED', 'busy');
      return WRITTEN;
    },
  });
  await bucket.put('ann', 'eggs');
  expect(ids).toEqual([expect.stringMatching(/^[\0-\xff]{16}$/), ids[0]]);
});

test('what the client gives up, the node is told', async () => {
  const abort = new AbortController();
  let cancelled: () => boolean = () => false;
  const bucket = await bucketOver({
    get: (_, call) => {
      cancelled = () => call.cancelled;
      abort.abort();
      return new Promise(() => {});
    },
  });
  await expect(bucket.get('ann', { signal: abort.signal })).rejects.toMatchObject({ reason: 'CANCELLED' });
  await expect.poll(() => cancelled()).toBe(true);
});
