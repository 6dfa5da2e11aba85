/**
 * The SDK against real gRPC servers in this process: what it shows, what it sends, what it does when nodes
 * fail.
 */
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { ShoalError } from '../../src/base/errors.ts';
import { connect, type Reason, SeveralValuesError, type Value } from '../../src/client/index.ts';
import { type ClientOptions, clientOf, fakeNodes } from './support/fake-cluster.ts';

async function setUp({ nodes: count = 1, ...options }: { nodes?: number } & ClientOptions = {}) {
  const nodes = await fakeNodes(count);
  const client = clientOf(nodes, options);
  return { nodes, node: nodes[0]!, client, bucket: client.bucket('carts') };
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );
}

describe('values', () => {
  test('a key that nobody wrote is absent, which is no error', async () => {
    const { bucket } = await setUp();
    const entry = await bucket.get('ann');
    expect([entry.exists, entry.value, entry.values, entry.text(), entry.json()]).toEqual([
      false,
      undefined,
      [],
      undefined,
      undefined,
    ]);
  });

  test('a string comes back as a string, bytes as bytes, empty ones too', async () => {
    const { bucket } = await setUp();
    for (const value of ['Grüße', '', Uint8Array.of(0, 255), new Uint8Array()]) {
      await bucket.put('ann', value);
      expect((await bucket.get('ann')).value).toStrictEqual(value);
    }
  });

  test('text and JSON are read from either', async () => {
    const { bucket } = await setUp();
    await bucket.put('ann', new TextEncoder().encode('{"eggs":12}'));
    const entry = await bucket.get('ann');
    expect([entry.text(), entry.json()]).toEqual(['{"eggs":12}', { eggs: 12 }]);
  });

  test('a value of 1 MiB is taken, of one byte more refused without asking anybody', async () => {
    const { bucket, node } = await setUp();
    await bucket.put('ann', new Uint8Array(1024 * 1024));
    const error = await failure(bucket.put('ann', new Uint8Array(1024 * 1024 + 1)));
    expect(error).toMatchObject({ reason: 'BAD_VALUE', outcome: 'not applied' });
    expect(node.heard).toHaveLength(1);
  });

  test('when and by how many replicas it was answered', async () => {
    const { bucket } = await setUp();
    await bucket.put('ann', 'eggs');
    const entry = await bucket.get('ann');
    expect(entry.siblings[0]!.writtenAt).toEqual(new Date(1));
    expect(entry.replicas).toEqual({ required: 2, answered: 2, fallback: 0, unrepaired: 0 });
  });

  test('a value of a later version is refused, not shown as empty', async () => {
    const { bucket, node } = await setUp();
    node.kv.get = () => ({ siblings: [{ value: {}, writtenAtMs: 1 }] });
    expect(await failure(bucket.get('ann'))).toMatchObject({ reason: 'BAD_VALUE' });
  });
});

describe('what a write replaces', () => {
  test('whatever is there, when nothing else is said', async () => {
    const { bucket } = await setUp();
    await bucket.put('ann', 'eggs');
    await bucket.put('ann', 'milk');
    expect((await bucket.get('ann')).value).toBe('milk');
  });

  test('nothing, when it is blind: one value is no longer to be had', async () => {
    const { bucket } = await setUp();
    await bucket.put('ann', 'eggs');
    const written = await bucket.put('ann', 'milk', { blind: true });
    expect(written.siblings.map(sibling => sibling.value)).toEqual(['eggs']);
    const entry = await bucket.get('ann');
    expect(entry.values).toEqual(['eggs', 'milk']);
    expect(() => entry.value).toThrow(SeveralValuesError);
    expect(() => entry.text()).toThrow('carts/ann has 2 concurrent values');
  });

  test('what the entry showed it comes after, and nothing written since', async () => {
    const { bucket } = await setUp();
    await bucket.put('ann', 'eggs');
    const entry = await bucket.get('ann');
    await bucket.put('ann', 'milk', { blind: true });
    const written = await bucket.put('ann', 'bread', { after: entry });
    expect(written.siblings.map(sibling => sibling.value)).toEqual(['milk']);
    expect((await bucket.get('ann')).values).toEqual(['milk', 'bread']);
  });

  test('a write comes after a write without a read between, with the siblings that one showed', async () => {
    const { bucket } = await setUp();
    await bucket.put('ann', 'eggs');
    const milk = await bucket.put('ann', 'milk', { blind: true });
    const both = await bucket.put('ann', 'eggs and milk', { after: milk });
    expect(both.siblings).toEqual([]);
    expect((await bucket.get('ann')).value).toBe('eggs and milk');
    await bucket.delete('ann', { after: both });
    expect((await bucket.get('ann')).exists).toBe(false);
  });

  test('the three fields of an entry are enough, kept as JSON in between', async () => {
    const { bucket } = await setUp();
    const { context } = await bucket.put('ann', 'eggs');
    const kept = JSON.stringify({
      bucket: 'carts',
      key: 'ann',
      context: Buffer.from(context).toString('base64'),
    });
    const read = JSON.parse(kept);
    const after = { ...read, context: Buffer.from(read.context, 'base64') };
    expect((await bucket.put('ann', 'milk', { after })).siblings).toEqual([]);
  });

  test('a delete removes what is there; after an entry, what that showed', async () => {
    const { bucket } = await setUp();
    await bucket.put('ann', 'eggs');
    const entry = await bucket.get('ann');
    await bucket.put('ann', 'milk', { blind: true });
    const removed = await bucket.delete('ann', { after: entry });
    expect(removed.siblings.map(sibling => sibling.value)).toEqual(['milk']);
    await bucket.delete('ann');
    expect((await bucket.get('ann')).exists).toBe(false);
  });
});

describe('what is refused before anybody is asked', () => {
  test('an entry of another key, or of another bucket', async () => {
    const { bucket, client, node } = await setUp();
    const ann = await bucket.get('ann');
    for (const write of [
      bucket.put('bob', 'eggs', { after: ann }),
      bucket.delete('bob', { after: ann }),
      client.bucket('orders').put('ann', 'eggs', { after: ann }),
    ]) {
      expect(await failure(write)).toMatchObject({ reason: 'BAD_CONTEXT', outcome: 'not applied' });
    }
    expect(node.heard).toHaveLength(1);
  });

  test('an empty context, which a node would take for none and delete whatever is there', async () => {
    const { bucket } = await setUp();
    const after = { bucket: 'carts', key: 'ann', context: new Uint8Array() };
    expect(await failure(bucket.delete('ann', { after }))).toMatchObject({ reason: 'BAD_CONTEXT' });
  });

  test.each<[string, { key?: string; value?: Value; w?: number }, Reason]>([
    ['an empty key', { key: '' }, 'BAD_KEY'],
    ['a key of 1025 bytes', { key: 'k'.repeat(1025) }, 'BAD_KEY'],
    ['half a character as key', { key: 'k\uD800' }, 'BAD_KEY'],
    ['half a character as value', { value: 'v\uD800' }, 'BAD_VALUE'],
    ['a number as value', { value: 7 as never }, 'BAD_VALUE'],
    ['a W of 1.5', { w: 1.5 }, 'BAD_QUORUM'],
    ['a W that protobuf would make a 0', { w: 2 ** 32 }, 'BAD_QUORUM'],
  ])('%s', async (_, { key = 'k', value = 'v', w = 0 }, reason) => {
    const { bucket, node } = await setUp();
    expect(await failure(bucket.put(key, value, { w }))).toMatchObject({ reason });
    expect(node.heard).toEqual([]);
  });

  test('options that contradict each other or mean nothing', async () => {
    const { bucket } = await setUp();
    const after = await bucket.get('ann');
    expect(await failure(bucket.put('ann', '', { after, blind: true }))).toBeInstanceOf(TypeError);
    expect(await failure(bucket.get('ann', { deadlineMs: 0 }))).toBeInstanceOf(RangeError);
    expect(await failure(bucket.get('ann', { deadlineMs: Number.NaN }))).toBeInstanceOf(RangeError);
    expect(() => connect('nowhere')).toThrow(TypeError);
    expect(() => connect({ addresses: 'a:1', deadlineMs: -1 })).toThrow(RangeError);
  });
});

describe('what is sent', () => {
  test('quorum and strictness, and the defaults when nothing is said', async () => {
    const { bucket, node } = await setUp();
    await bucket.get('ann', { r: 3, strict: true });
    await bucket.put('ann', 'eggs', { w: 1, strict: true });
    await bucket.delete('ann');
    expect(node.heard.map(({ message }) => message)).toMatchObject([
      { bucket: 'carts', key: 'ann', r: 3, strict: true },
      { w: 1, strict: true, overwrite: true },
      { w: 0, strict: false },
    ]);
  });

  test('a deadline, always', async () => {
    const { bucket, node } = await setUp();
    const before = Date.now();
    await bucket.get('ann');
    await bucket.get('ann', { deadlineMs: 60_000 });
    const [usual, long] = node.heard.map(({ deadline }) => deadline - before);
    expect(usual).toBeGreaterThan(0);
    expect(usual).toBeLessThan(long!);
  });
});

describe('when nodes fail', () => {
  test('a node that is not there is passed over', async () => {
    const { nodes, bucket } = await setUp({ nodes: 2 });
    nodes[0]!.stop();
    await bucket.delete('ann');
    await bucket.put('ann', 'eggs');
    expect((await bucket.get('ann')).value).toBe('eggs');
    expect(nodes.map(node => node.heard.length)).toEqual([0, 3]);
  });

  test('a hung node costs its share, and the write that was lost in it stays one write', async () => {
    const { nodes, bucket } = await setUp({ nodes: 2, deadlineMs: 600 });
    nodes[0]!.moods = ['lose the answer'];
    const written = await bucket.put('ann', 'eggs', { blind: true });
    expect(written.siblings).toEqual([]);
    const [first, second] = nodes.map(node => node.heard[0]!.message.writeId);
    expect(first).toHaveLength(16);
    expect(second).toEqual(first);
    expect((await bucket.get('ann')).values).toEqual(['eggs']);
  });

  test('each write has an id of its own', async () => {
    const { bucket, node } = await setUp();
    await bucket.put('ann', 'eggs');
    await bucket.put('ann', 'eggs');
    const [first, second] = node.heard.map(({ message }) => message.writeId);
    expect(first).not.toEqual(second);
  });

  test('a delete of whatever is there is not repeated when its answer is lost: somebody may have written since', async () => {
    const { nodes, bucket } = await setUp({ nodes: 2, deadlineMs: 600 });
    await bucket.put('ann', 'eggs');
    nodes[0]!.moods = ['lose the answer'];
    const error = await failure(bucket.delete('ann'));
    expect(error).toMatchObject({ reason: 'OUTCOME_UNKNOWN', outcome: 'unknown' });
    expect(nodes[1]!.heard).toEqual([]);
  });

  test('a delete after an entry is', async () => {
    const { nodes, bucket } = await setUp({ nodes: 2, deadlineMs: 600 });
    const after = await bucket.put('ann', 'eggs');
    nodes[0]!.moods = ['lose the answer'];
    await bucket.delete('ann', { after });
    expect(nodes[1]!.heard.map(({ method }) => method)).toEqual(['Delete']);
  });

  test('a node that asks for a longer pause than there is time is not asked again', async () => {
    const { node, bucket } = await setUp();
    node.moods = [{ refuse: new ShoalError('OVERLOADED', 'busy'), pushbackMs: 60_000 }, 'well'];
    expect(await failure(bucket.get('ann'))).toMatchObject({ reason: 'OVERLOADED' });
    expect(node.heard).toHaveLength(1);
  });

  test('what a node refuses is told with its reason, outcome and facts', async () => {
    const { node, bucket } = await setUp({ deadlineMs: 200 });
    const facts = { required: '2', reachable: '1' };
    node.moods = [{ refuse: new ShoalError('QUORUM_UNREACHABLE', '2 needed, 1 reachable', { facts }) }];
    const error = await failure(bucket.put('ann', 'eggs'));
    expect(error).toBeInstanceOf(ShoalError);
    expect(error).toMatchObject({ reason: 'QUORUM_UNREACHABLE', outcome: 'not applied', facts });
    expect((error as Error).message).toBe('QUORUM_UNREACHABLE: 2 needed, 1 reachable (not applied)');
  });

  test('with nobody there the error says that nobody is there', async () => {
    const { node, bucket } = await setUp({ deadlineMs: 200 });
    node.stop();
    expect(await failure(bucket.put('ann', 'eggs'))).toMatchObject({
      reason: 'UNREACHABLE',
      outcome: 'not applied',
    });
  });

  test('an aborted read ends at once, though the node is silent', async () => {
    const { node, bucket } = await setUp();
    node.moods = ['silent'];
    const abort = new AbortController();
    const reading = failure(bucket.get('ann', { signal: abort.signal }));
    await expect.poll(() => node.heard.length).toBe(1);
    abort.abort();
    expect(await reading).toMatchObject({ reason: 'CANCELLED', outcome: 'not applied' });
  });

  test('one signal ends hundreds of calls, and is left without a listener by those that ended by themselves', async () => {
    const { node, bucket } = await setUp();
    const { signal } = new AbortController();
    await bucket.getMany(
      Array.from({ length: 300 }, (_, i) => `k${i}`),
      { signal },
    );
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    node.moods = ['silent'];
    const abort = new AbortController();
    const reading = bucket.getMany(
      Array.from({ length: 200 }, (_, i) => `k${i}`),
      { signal: abort.signal },
    );
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1);
    abort.abort();
    expect((await reading).map(item => item.ok || item.error.reason)).toEqual(
      Array.from({ length: 200 }, () => 'CANCELLED'),
    );
  });

  test('an aborted write says that it may appear later', async () => {
    const { node, bucket } = await setUp();
    node.moods = ['silent'];
    const abort = new AbortController();
    const writing = failure(bucket.put('ann', 'eggs', { signal: abort.signal }));
    await expect.poll(() => node.heard.length).toBe(1);
    abort.abort();
    expect(await writing).toMatchObject({ reason: 'CANCELLED', outcome: 'unknown' });
  });
});

describe('the cluster', () => {
  test('what a node tells of itself', async () => {
    const { node, client } = await setUp();
    node.status = {
      node: 'n1',
      state: 'serving',
      clusterId: Buffer.from('00ff', 'hex'),
      epoch: 3,
      counters: { 'read.repair': 4 },
    };
    const status = await client.status();
    expect(status).toMatchObject({
      node: 'n1',
      state: 'serving',
      clusterId: '00ff',
      ringDigest: '',
      epoch: 3,
    });
    expect(status.counters['read.repair']).toBe(4);
  });

  test('where a key lives', async () => {
    const { node, client } = await setUp();
    const place = { name: 'n2', address: '127.0.0.1:1', up: true };
    node.location = { partition: 17, epoch: 1, primaries: [place] };
    expect(await client.locate('carts', 'ann')).toEqual({
      bucket: 'carts',
      key: 'ann',
      partition: 17,
      epoch: 1,
      primaries: [place],
      fallbacks: [],
    });
    expect(await failure(client.locate('carts', ''))).toMatchObject({ reason: 'BAD_KEY' });
  });

  test('connect takes a string, a list or options; closing is for good', async () => {
    const nodes = await fakeNodes(2);
    const addresses = nodes.map(node => node.address);
    for (const given of [addresses.join(','), addresses, { addresses }]) {
      const client = connect(given);
      expect((await client.bucket('carts').get('ann')).exists).toBe(false);
      await client[Symbol.asyncDispose]();
      expect(await failure(client.bucket('carts').get('ann'))).toMatchObject({ reason: 'CANCELLED' });
    }
  });
});
