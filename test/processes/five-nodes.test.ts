/** Five nodes, three replicas: whichever node is asked, holder or not, does the whole job for every key. */
import type { Bucket } from 'shoal';
import { expect, test } from 'vitest';
import { clientOf } from './support/clients.ts';
import { sharedCluster } from './support/live-cluster.ts';

const KEYS = Array.from({ length: 20 }, (_, index) => `key-${index}`);

const cluster = sharedCluster({ nodes: 5 });

/** The same bucket through each node alone. */
const doors = (name: string): readonly Bucket[] => cluster().nodes.map(node => clientOf(node).bucket(name));

test('every node takes puts for every key, strict ones too, and every other shows them', async () => {
  const buckets = doors('puts');
  for (const [turn, bucket] of buckets.entries()) {
    await Promise.all(KEYS.map(key => bucket.put(key, `${key} ${turn}`, { strict: true })));
    const shown = await Promise.all(buckets.flatMap(door => KEYS.map(key => door.get(key))));
    expect(shown.map(({ values }) => values)).toEqual(
      buckets.flatMap(() => KEYS.map(key => [`${key} ${turn}`])),
    );
  }
});

test('every node takes deletes and merges, and answers a strict read of all three replicas', async () => {
  const buckets = doors('deletes');
  for (const [turn, bucket] of buckets.entries()) {
    const next = buckets[(turn + 1) % buckets.length]!;
    await bucket.put('k', 'a', { blind: true });
    await next.put('k', 'b', { blind: true });
    await bucket.update('k', values => [...values].sort().join());
    expect((await next.get('k', { r: 3, strict: true })).values).toEqual(['a,b']);
    await next.delete('k');
    expect((await bucket.get('k', { r: 3, strict: true })).exists).toBe(false);
  }
});

test('all nodes name the same three holders of a key', async () => {
  const clients = cluster().nodes.map(node => clientOf(node));
  const places = await Promise.all(clients.map(client => client.locate('b', 'k')));
  const holders = places.map(({ primaries }) => primaries.map(({ name }) => name));
  expect(new Set(holders[0]).size).toBe(3);
  for (const others of holders) expect(others).toEqual(holders[0]);
});
