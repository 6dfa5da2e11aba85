/**
 * Two clients, one key, several nodes: nothing disappears that nobody was shown (I2), what was deleted stays
 * so (I9).
 */
import { Buffer } from 'node:buffer';
import type { Bucket, Value } from 'shoal';
import { expect, test } from 'vitest';
import { textsOf } from './support/calls.ts';
import { clientOf } from './support/clients.ts';
import { sharedCluster } from './support/live-cluster.ts';
import { until } from './support/until.ts';

const cluster = sharedCluster();

const door = (name: string) => clientOf(cluster().node(name)).bucket('siblings');

test('the reply of the second of two blind puts shows the first, and a write after it leaves one', async () => {
  await door('n1').put('cart', 'milk', { blind: true });
  const second = await door('n2').put('cart', 'bread', { blind: true });
  expect(second.siblings.map(({ value }) => value)).toEqual(['milk']);
  const entry = await door('n3').get('cart');
  expect([...entry.values].sort()).toEqual(['bread', 'milk']);
  const merged = await door('n1').put('cart', 'milk, bread', { after: entry });
  expect(merged.siblings).toEqual([]);
  for (const { spec } of cluster().nodes)
    expect((await door(spec.name).get('cart')).value).toBe('milk, bread');
});

test('blind puts at the same moment through all nodes all come back', async () => {
  const values = Array.from({ length: 12 }, (_, index) => `${index}`.padStart(2, '0'));
  const doors = cluster().nodes.map(({ spec }) => door(spec.name));
  await Promise.all(values.map((value, index) => doors[index % 3]!.put('crowd', value, { blind: true })));
  for (const bucket of doors) expect([...(await bucket.get('crowd')).values].sort()).toEqual(values);
});

test('a context covers what its reply showed, and not what was written meanwhile', async () => {
  const entry = await door('n1').put('draft', 'one');
  await door('n2').put('draft', 'two', { blind: true });
  const written = await door('n3').put('draft', 'three', { after: entry });
  expect(written.siblings.map(({ value }) => value)).toEqual(['two']);
});

test('updates at the same moment through all nodes lose no step, though some may stand side by side', async () => {
  const doors = cluster().nodes.map(({ spec }) => door(spec.name));
  const items = (values: readonly Value[]) =>
    [...new Set(values.flatMap(value => `${value}`.split(',')))].sort();
  const add = (bucket: Bucket, item: string) =>
    bucket.update('list', values => items([...values, item]).join());
  await Promise.all(doors.map((bucket, index) => add(bucket, `item-${index}`)));
  await add(doors[0]!, 'item-3');
  expect(items((await doors[1]!.get('list')).values)).toEqual(['item-0', 'item-1', 'item-2', 'item-3']);
});

test('a put that is sent again through another node, under the same write id, is one write', async () => {
  const put = { bucket: 'siblings', key: 'retried', value: { text: 'once' }, writeId: Buffer.alloc(16, 7) };
  for (const name of ['n1', 'n2', 'n3', 'n2']) {
    expect(textsOf(await cluster().calls(name).put(put))).toEqual([]);
    expect((await door(name).get('retried', { r: 3 })).values).toEqual(['once']);
  }
});

test('a put tried again because its first node died has two dots, and is one write all the same', async () => {
  const [first, ...others] = cluster().nodes;
  const put = { bucket: 'siblings', key: 'twin', value: { text: 'once' }, writeId: Buffer.alloc(16, 8) };
  await Promise.all(others.map(node => node.kill()));
  await first!.calls.put({ ...put, w: 1 });
  await first!.kill();
  await Promise.all(others.map(node => node.start()));
  // Of two that start at once neither may have met the other yet when it begins to serve.
  await until('the one reaches the other', () => others[0]!.calls.put(put));
  await first!.start();
  for (const { spec } of cluster().nodes) {
    expect((await door(spec.name).get('twin', { r: 3, strict: true })).values).toEqual(['once']);
  }
  await door('n3').put('twin', 'later');
  expect((await door('n2').get('twin', { r: 3, strict: true })).values).toEqual(['later']);
});

test('a delete stays deleted while each node in turn is killed and comes back', async () => {
  await door('n1').put('gone', 'v', { w: 3 });
  await door('n2').delete('gone');
  for (const node of cluster().nodes) {
    await node.kill();
    await node.start();
    for (const { spec } of cluster().nodes) {
      const { values } = await door(spec.name).get('gone', { strict: true });
      expect(values).toEqual([]);
    }
  }
});
