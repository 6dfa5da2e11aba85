/**
 * Pipelines against real gRPC: what goes over a stream, what is done where there can be none, what becomes of
 * what was under way.
 */
import { describe, expect, test } from 'vitest';
import { ShoalError } from '../../src/base/errors.ts';
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

describe('over a stream', () => {
  test('a thousand reads at once share one, and are all answered', async () => {
    const { node, bucket } = await setUp();
    await bucket.put('ann', 'eggs');
    const entries = await Promise.all(Array.from({ length: 1000 }, () => bucket.get('ann')));
    expect(entries.every(entry => entry.value === 'eggs')).toBe(true);
    expect([node.streams, new Set(node.heard.map(({ over }) => over))]).toEqual([1, new Set(['pipeline'])]);
  });

  test('a value that a program keeps does not keep the frame it came in', async () => {
    const { bucket } = await setUp();
    const bytes = new Uint8Array(100).fill(7);
    await bucket.put('ann', bytes);
    await bucket.put('bob', new Uint8Array(100_000));
    const [ann] = await Promise.all([bucket.get('ann'), bucket.get('bob')]);
    const value = ann.value as Uint8Array;
    expect(value).toStrictEqual(bytes);
    expect([value.buffer.byteLength < 1000, ann.context.buffer]).toEqual([true, value.buffer]);
  });

  test('what is given up, the node is told', async () => {
    const { node, bucket } = await setUp();
    await bucket.get('ann');
    node.moods = ['silent'];
    const abort = new AbortController();
    const reading = failure(bucket.get('ann', { signal: abort.signal }));
    await expect.poll(() => node.heard.length).toBe(2);
    abort.abort();
    expect(await reading).toMatchObject({ reason: 'CANCELLED' });
    await expect.poll(() => node.cancels).toBe(1);
  });

  test('status and locate go by themselves', async () => {
    const { node, client } = await setUp();
    await client.status();
    await client.locate('carts', 'ann');
    expect(node.heard.map(({ method, over }) => [method, over])).toEqual([
      ['Status', 'unary'],
      ['Locate', 'unary'],
    ]);
  });

  test('with unary asked for, everything does', async () => {
    const { node, bucket } = await setUp({ transport: 'unary' });
    await bucket.put('ann', 'eggs');
    expect((await bucket.get('ann')).value).toBe('eggs');
    expect(node.heard.map(({ over }) => over)).toEqual(['unary', 'unary']);
  });
});

describe('when a stream is cut', () => {
  test('a write that was under way is made again through another node, and stays one write', async () => {
    const { nodes, bucket } = await setUp({ nodes: 2 });
    nodes[0]!.moods = ['lose the answer'];
    const writing = bucket.put('ann', 'eggs', { blind: true });
    await expect.poll(() => nodes[0]!.heard.length).toBe(1);
    nodes[0]!.stop();
    expect((await writing).siblings).toEqual([]);
    const ids = nodes.map(node => node.heard[0]!.message.writeId);
    expect(ids[1]).toEqual(ids[0]);
    expect((await bucket.get('ann')).values).toEqual(['eggs']);
  });

  test('one that may not be repeated ends as unknown, long before its deadline', async () => {
    const { nodes, bucket } = await setUp({ nodes: 2, deadlineMs: 60_000 });
    nodes[0]!.moods = ['lose the answer'];
    const deleting = failure(bucket.delete('ann'));
    await expect.poll(() => nodes[0]!.heard.length).toBe(1);
    nodes[0]!.stop();
    expect(await deleting).toMatchObject({ reason: 'OUTCOME_UNKNOWN', outcome: 'unknown' });
    expect(nodes[1]!.heard).toEqual([]);
  });
});

describe('where no stream can be had', () => {
  test('an old node is asked by single calls from the first one on, and no stream is tried for each', async () => {
    const { node, bucket } = await setUp();
    node.pipelines = 'none';
    for (let i = 0; i < 9; i += 1) await bucket.get('ann');
    await bucket.put('ann', 'eggs');
    expect(node.heard.map(({ over }) => over)).toEqual(Array.from({ length: 10 }, () => 'unary'));
    expect(node.streams).toBe(1);
  });

  test('a proxy that holds streams back is seen through: single calls get by', async () => {
    const { node, bucket } = await setUp();
    node.pipelines = 'held';
    await bucket.put('ann', 'eggs', { blind: true });
    expect((await bucket.get('ann')).values).toEqual(['eggs']);
    expect(node.heard.filter(({ method }) => method !== 'Status').map(({ over }) => over)).toEqual([
      'unary',
      'unary',
    ]);
  });

  test('one stream that did not open in time is tried again: the node may only have been late', async () => {
    const { node, bucket } = await setUp();
    node.pipelines = 'held';
    const reading = bucket.get('ann');
    await expect.poll(() => node.streams).toBe(1);
    node.pipelines = 'served';
    await reading;
    expect(node.heard.map(({ method, over }) => [method, over])).toEqual([['Get', 'pipeline']]);
  });

  test('a node that has too many streams is left alone, and not asked by dearer calls instead', async () => {
    const { node, bucket } = await setUp({ deadlineMs: 400 });
    node.pipelines = 'refused';
    const error = await failure(bucket.put('ann', 'eggs'));
    expect(error).toMatchObject({ reason: 'OVERLOADED', outcome: 'not applied', detail: 'too many streams' });
    expect(node.heard).toEqual([]);
  });

  test('nobody there at all is told as that', async () => {
    const { node, bucket } = await setUp({ deadlineMs: 300 });
    node.stop();
    const error = await failure(bucket.get('ann'));
    expect(error).toMatchObject({ reason: 'UNREACHABLE' });
    expect((error as ShoalError).detail).not.toContain('Resolution note');
  });
});

test('with every node overloaded a call is refused without being sent', async () => {
  const { node, bucket } = await setUp();
  node.moods = [{ refuse: new ShoalError('OVERLOADED', 'busy'), pushbackMs: 60_000 }];
  expect(await failure(bucket.get('ann'))).toMatchObject({ reason: 'OVERLOADED', detail: 'busy' });
  const again = await failure(bucket.put('ann', 'eggs'));
  expect(again).toMatchObject({ reason: 'OVERLOADED', outcome: 'not applied' });
  expect((again as ShoalError).detail).toContain('every node has asked not to be asked');
  expect(node.heard).toHaveLength(1);
});
